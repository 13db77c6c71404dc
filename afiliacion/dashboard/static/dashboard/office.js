// Only conveniences: every screen works without this file.
(() => {
  "use strict";

  // A second click on a button that is already working does nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-once]")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    event.submitter?.classList.add("is-working");
  });
  // Coming back with the back button, the form is usable again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    for (const button of document.querySelectorAll(".is-working")) button.classList.remove("is-working");
    refresh();
  });

  // The work list: how many are chosen, and only the actions that at least one of them allows.
  const boxes = () => [...document.querySelectorAll("#lista input[name=caso]")];
  function refresh() {
    const all = document.querySelector("#lista [data-all]");
    if (!all) return;
    const chosen = boxes().filter((box) => box.checked);
    all.hidden = false;
    all.checked = chosen.length > 0 && chosen.length === boxes().length;
    all.indeterminate = chosen.length > 0 && !all.checked;
    const count = document.querySelector("#lista [data-count]");
    count.textContent = chosen.length === 1 ? "1 elegido:" : `${chosen.length} elegidos:`;
    for (const button of document.querySelectorAll("#lista [data-action]")) {
      button.disabled = !chosen.some((box) => box.dataset.actions.split(" ").includes(button.dataset.action));
    }
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("#lista [data-all]")) for (const box of boxes()) box.checked = event.target.checked;
    refresh();
  });
  document.addEventListener("htmx:afterSettle", refresh);

  // What has been shown needs no button to show it.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.target.matches("[data-hide-after]")) event.target.hidden = true;
  });

  // «/» goes to the search, wherever one is.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches("input, select, textarea")) return;
    const search = document.querySelector("#id_q") ?? document.querySelector("[data-shortcut='/']");
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  });
  refresh();
})();
