// Only conveniences: a document is decided without this file too.
(() => {
  "use strict";

  const form = () => document.querySelector("#aceptar");
  const refusal = () => document.querySelector("#rechazar");
  const fields = () => [...form().querySelectorAll("input:not([type=hidden]), select")];

  // The first value to be looked at: one that is wrong, then a doubtful one, then the first.
  function correct() {
    const field = form().querySelector(".is-wrong input, .paper-doubtful input") ?? fields().find((each) => each.tagName === "INPUT");
    field?.focus();
    field?.select?.();
  }
  function open() {
    refusal().open = true;
    refusal().querySelector("button[name=chosen]").focus();
  }
  function choose(number) {
    if (refusal().open) refusal().querySelector(`button[name=chosen][value="${number}"]`)?.click();
  }
  const keys = { "a": () => form().querySelector("[type=submit]").click(), "r": open, "c": correct };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || !form()) return;
    const writing = event.target.matches("input:not([type=hidden]), select, textarea, dialog *");
    if (writing && event.key === "Escape") { event.target.blur(); return; }
    const act = keys[event.key.toLowerCase()] ?? (/^[1-9]$/.test(event.key) ? () => choose(event.key) : null);
    if (writing || !act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-correct]")) correct(); });

  // Where a value stands on the page, while it is being looked at.
  const NAMES = { dated: "issued_on", registro: "registro_patronal" };
  function point(name, on) {
    for (const mark of document.querySelectorAll(`[data-mark="${CSS.escape(NAMES[name] ?? name)}"]`)) {
      mark.classList.toggle("is-pointed", on);
      if (on) mark.scrollIntoView({ block: "nearest" });
    }
  }
  for (const [begins, ends] of [["focusin", "focusout"], ["mouseover", "mouseout"]]) {
    for (const [kind, on] of [[begins, true], [ends, false]]) document.addEventListener(kind, (event) => {
      const line = event.target.closest?.("[data-mark-of]");
      if (line) point(line.dataset.markOf, on);
    });
  }

  // The button of a key that a script alone understands.
  const ready = () => { for (const button of document.querySelectorAll("[data-correct]")) button.hidden = false; };
  document.addEventListener("htmx:afterSettle", ready);
  ready();

  // Files dropped anywhere on the form that takes them are sent at once.
  for (const form of document.querySelectorAll("form[data-drop]")) {
    const over = (event, is) => { event.preventDefault(); form.classList.toggle("is-over", is); };
    form.addEventListener("dragover", (event) => over(event, true));
    form.addEventListener("dragleave", (event) => over(event, false));
    form.addEventListener("drop", (event) => {
      over(event, false);
      if (!event.dataTransfer.files.length) return;
      form.querySelector("input[type=file]").files = event.dataTransfer.files;
      form.requestSubmit();
    });
  }
})();
