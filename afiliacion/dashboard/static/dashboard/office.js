// Only conveniences: every screen works without this file.
(() => {
  "use strict";

  // A second click on a button that is already working does nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-once]") || event.submitter?.matches("[data-download]")) return;
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

  // A list of many: how many are chosen, and only the actions that at least one of them allows.
  const boxes = () => [...document.querySelectorAll("#lista tbody [type=checkbox]")];
  function refresh() {
    const bulk = document.querySelector("#lista .bulk");
    if (!bulk) return;
    const chosen = boxes().filter((box) => box.checked);
    for (const all of document.querySelectorAll("#lista [data-all]")) {
      all.hidden = false;
      all.checked = chosen.length > 0 && chosen.length === boxes().length;
      all.indeterminate = chosen.length > 0 && !all.checked;
    }
    const everything = document.querySelector("#lista [data-everything]")?.checked;
    const count = document.querySelector("#lista [data-count]");
    const idle = !everything && chosen.length === 0;
    count.textContent = everything ? "Todos los que coinciden:"
      : idle ? "Elija alumnos con la casilla."
      : chosen.length === 1 ? "1 elegido:" : `${chosen.length} elegidos:`;
    bulk.classList.toggle("is-idle", idle);
    const allowed = (slug) => everything || chosen.some((box) => box.dataset.actions.split(" ").includes(slug));
    for (const offer of document.querySelectorAll("#lista [data-offer]")) offer.hidden = !allowed(offer.dataset.offer);
    for (const button of document.querySelectorAll("#lista [data-action]")) button.disabled = !allowed(button.dataset.action);
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("#lista [data-all]")) for (const box of boxes()) box.checked = event.target.checked;
    refresh();
  });
  document.addEventListener("htmx:afterSettle", refresh);

  // A filter typed and confirmed both changes and is submitted: one question, or the second answer takes away what was chosen in the first.
  let asked = "";
  for (const gesture of ["keydown", "pointerdown"]) document.addEventListener(gesture, () => { asked = ""; }, true);
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.target.matches("form.filters")) return;
    const question = event.detail.pathInfo.finalRequestPath;
    if (question === asked) event.preventDefault();
    asked = question;
  });

  // A question that was not answered leaves the list as it was, and says so; it is asked again once the network is back.
  for (const failure of ["htmx:sendError", "htmx:responseError"]) document.addEventListener(failure, (event) => {
    if (!event.target.matches("form.filters")) return;
    asked = "";
    document.querySelector("#lista [data-stale]")?.removeAttribute("hidden");
  });
  window.addEventListener("online", () => {
    if (document.querySelector("#lista [data-stale]:not([hidden])")) document.querySelector("form.filters").requestSubmit();
  });

  // What has been shown needs no button to show it.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.target.matches("[data-hide-after]")) event.target.hidden = true;
  });

  // What a half-typed note says outlives a session that ended, in this tab only; once the note is kept, the draft goes.
  const draft = document.querySelector("[data-draft]");
  if (draft) {
    const key = `nota:${location.pathname}`;
    const [token, text] = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    if (token && document.querySelector(`[data-token="${CSS.escape(token)}"]`)) sessionStorage.removeItem(key);
    else if (text && !draft.value) {
      draft.value = text;
      // The same note: if it did arrive before, it is not written twice.
      draft.form.elements.token.value = token;
    }
    draft.addEventListener("input", () => sessionStorage.setItem(key, JSON.stringify([draft.form.elements.token.value, draft.value])));
  }
  document.addEventListener("submit", (event) => { if (event.target.matches("[data-leave]")) sessionStorage.clear(); });

  // The keyboard: «/» to the search, j and k along the list, x chooses, Enter opens, ? tells all this.
  function step(by) {
    const all = [...document.querySelectorAll(".cases-name")];
    const at = all.indexOf(document.activeElement?.closest("tr")?.querySelector(".cases-name"));
    all[Math.min(Math.max(at + by, 0), all.length - 1)]?.focus();
  }
  function search() {
    const field = document.querySelector("#id_q") ?? document.querySelector("[data-shortcut='/']");
    field?.focus();
    field?.select();
  }
  const keys = {
    "/": search,
    "j": () => step(1),
    "k": () => step(-1),
    "x": () => document.activeElement?.closest("tr")?.querySelector("[type=checkbox]")?.click(),
    "?": () => document.querySelector("#atajos")?.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !keys[event.key]) return;
    if (event.target.matches("input:not([type=checkbox]), select, textarea, dialog, dialog *")) return;
    if (event.key !== "/" && event.key !== "?" && !document.querySelector("#lista")) return;
    event.preventDefault();
    keys[event.key]();
  });
  // «Guardar vista» keeps the list as it is now filtered, not as the page came.
  document.addEventListener("htmx:afterSettle", () => {
    const now = document.querySelector("#lista input[name=lista]");
    const kept = document.querySelector("[data-list-query] input[name=lista]");
    if (now && kept) kept.value = now.value;
  });
  refresh();
})();
