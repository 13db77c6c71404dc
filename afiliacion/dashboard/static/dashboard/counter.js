// The counter: a scan, a key, Enter. What was received waits in this browser until the office has it, whatever the network does;
// its key makes the office take it once however often it is sent. Without this file the same forms work page by page.
(() => {
  "use strict";

  const HEADER = "X-Ventanilla";
  const PATIENCE_MS = 15000;
  const PAUSES_MS = [500, 1000, 2000, 5000];
  const A_KEY_ALONE_MS = 60;

  const root = document.getElementById("ventanilla");
  const field = document.getElementById("codigo");
  const search = document.getElementById("buscar-alumno");
  const desk = document.getElementById("alumno");
  const notice = document.getElementById("aviso");
  const waiting = document.getElementById("pendientes");
  const latest = document.getElementById("ultimos");
  const network = document.getElementById("red");
  const frame = document.getElementById("recibo");
  const printing = document.getElementById("imprimir");
  const mailing = document.getElementById("por-correo");
  for (const box of [printing, mailing]) {
    box.checked = localStorage.getItem(`recibo:${box.id}`) === "1";
    box.addEventListener("change", () => localStorage.setItem(`recibo:${box.id}`, box.checked ? "1" : ""));
  }
  const token = search.querySelector("[name=csrfmiddlewaretoken]").value;
  const mine = `ventanilla:${root.dataset.person}:`;

  // --- What is on the desk -------------------------------------------------------------------------------------------------

  const person = () => desk.querySelector("form.person");
  const boxes = () => [...desk.querySelectorAll("input[name=papeles]")];
  const marked = () => boxes().filter((box) => box.checked);

  function say(text, kind = "") {
    notice.textContent = text;
    notice.className = `counter-notice ${kind}`;
  }
  function clearDesk() {
    desk.replaceChildren();
    field.value = "";
    field.focus();
  }
  function put(html) {
    const fragment = document.createRange().createContextualFragment(html);
    desk.replaceChildren(...fragment.childNodes);
  }

  // --- Talking to the office -----------------------------------------------------------------------------------------------

  class Offline extends Error {}
  class LoggedOut extends Error {}

  // An answer that does not say it is the counter's is a login, an error page or of another user.
  async function ask(address, fields) {
    const body = new URLSearchParams({ csrfmiddlewaretoken: token });
    for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one);
    let answer;
    try {
      answer = await fetch(address, { method: "POST", body, headers: { [HEADER]: "1" }, signal: AbortSignal.timeout(PATIENCE_MS) });
    } catch { throw new Offline(); }
    if (answer.status >= 500 || answer.status === 429) throw new Offline();
    if (!answer.headers.has(HEADER)) throw new LoggedOut();
    return { kind: answer.headers.get(HEADER), count: answer.headers.get(`${HEADER}-Cuenta`), text: await answer.text() };
  }

  function tell(error) {
    if (error instanceof LoggedOut) {
      say("Su sesión terminó. Vuelva a entrar en otra pestaña y recargue esta página: lo pendiente no se pierde.", "is-late");
    } else if (error instanceof Offline) {
      say("No hay conexión con la oficina; se intenta de nuevo sin que usted haga nada.", "is-late");
    } else { throw error; }
  }

  // --- Finding -------------------------------------------------------------------------------------------------------------

  let asked = 0;
  async function find(text) {
    const mineNow = ++asked;
    const shown = person();
    say("Buscando…");
    for (let attempt = 0; mineNow === asked; attempt += 1) {
      try {
        const fields = { codigo: text };
        if (shown) fields.caso = shown.dataset.case;
        const answer = await ask(search.action, fields);
        if (mineNow !== asked) return;
        put(answer.text);
        say("");
        // In a low window who was found stands below: the field keeps the keys, the eyes get the person.
        field.focus({ preventScroll: true });
        desk.scrollIntoView({ block: "nearest" });
        return;
      } catch (error) {
        if (mineNow !== asked) return;
        tell(error);
        if (error instanceof LoggedOut) return;
        await pause(attempt);
      }
    }
  }
  const pause = (attempt) => new Promise((go) => setTimeout(go, PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)]));

  // --- Receiving: first into the browser's keeping, then to the office ---------------------------------------------------------

  // randomUUID exists only over HTTPS, and a school's network may be plain HTTP.
  function newKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  const unsaved = new Map();
  const names = new Map();
  function keep(slip) {
    try { localStorage.setItem(mine + slip.key, JSON.stringify(slip)); } catch { unsaved.set(slip.key, slip); }
  }
  function forget(key) {
    unsaved.delete(key);
    localStorage.removeItem(mine + key);
  }
  // Each reception is an entry of its own: two tabs never overwrite each other's.
  function kept() {
    const stored = Object.keys(localStorage).filter((name) => name.startsWith(mine)).map((name) => JSON.parse(localStorage.getItem(name)));
    return [...stored, ...unsaved.values()].sort((a, b) => a.taken - b.taken);
  }
  window.addEventListener("beforeunload", (event) => { if (unsaved.size) event.preventDefault(); });

  function save() {
    const form = person();
    const slip = {
      key: newKey(), caso: form.dataset.case, folio: form.dataset.folio, estado: form.dataset.state,
      papeles: marked().map((box) => box.value), nss: "", taken: Date.now(), correo: mailing.checked ? "1" : "",
    };
    if (slip.papeles.includes("nss")) slip.nss = form.elements.nss.value;
    names.set(slip.key, form.dataset.name);
    keep(slip);
    say(`Guardando lo de ${form.dataset.name}…`);
    clearDesk();
    draw();
    send();
  }

  let sending = false;
  async function send() {
    if (sending) return;
    sending = true;
    try {
      for (let attempt = 0; ; ) {
        const slip = kept().find((each) => !each.refused);
        if (!slip) break;
        try {
          await deliver(slip);
          attempt = 0;
          offline("");
        } catch (error) {
          if (error instanceof LoggedOut) {
            offline("Su sesión terminó: entre de nuevo y recargue esta página. Lo pendiente no se pierde.");
            break;
          }
          if (!(error instanceof Offline)) throw error;
          offline("Sin conexión: lo recibido se guarda aquí y se envía solo cuando vuelva.");
          await Promise.race([pause(attempt++), back()]);
        }
      }
    } finally { sending = false; }
  }
  const back = () => new Promise((go) => window.addEventListener("online", go, { once: true }));

  async function deliver(slip) {
    const { key, caso, estado, papeles, nss, correo = "" } = slip;
    const answer = await ask(root.dataset.take, { key, caso, estado, papeles, nss, correo, hace: Math.max(0, Date.now() - slip.taken) });
    const name = names.get(key) ?? slip.folio;
    if (answer.kind === "taken") {
      forget(key);
      add(answer);
      if (!person()) say(`Recibido: ${name}.`, "is-good");
    } else {
      keep({ ...slip, nss: "", refused: answer.text });
      say(`${name}: ${answer.text}`, "is-late");
    }
    draw();
  }

  function add({ text, count }) {
    const row = document.createRange().createContextualFragment(text).querySelector("li");
    const same = latest.querySelector(`[data-key="${row.dataset.key}"]`);
    if (same) { same.replaceWith(row); } else { latest.prepend(row); }
    for (const old of latest.querySelectorAll(".is-new")) old.classList.remove("is-new");
    row.classList.add("is-new");
    while (latest.children.length > 8) latest.lastElementChild.remove();
    document.getElementById("ninguno").hidden = true;
    document.getElementById("cuenta").textContent = count;
    if (!same && row.dataset.receipt && printing.checked) print(row.dataset.receipt);
  }

  function print(address) {
    frame.onload = () => {
      frame.contentWindow.focus();
      frame.contentWindow.print();
      field.focus();
    };
    // A POST: what is printed is written down in the register.
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: address, target: frame.name, hidden: true });
    const said = document.createElement("input");
    Object.assign(said, { name: "csrfmiddlewaretoken", value: token });
    form.append(said);
    document.body.append(form);
    form.submit();
    form.remove();
  }

  // --- What waits, and what was refused: in sight until the office has it or the officer has read it ------------------------------

  function draw() {
    waiting.replaceChildren(...kept().map((slip) => {
      const row = document.createElement("li");
      const said = document.createElement("div");
      const name = names.get(slip.key) ?? `Expediente ${slip.folio}`;
      row.className = `counter-row ${slip.refused ? "is-refused" : "is-waiting"}`;
      said.textContent = slip.refused ? `${name}: no se anotó. ${slip.refused}` : `${name}: por enviar`;
      row.append(said);
      if (slip.refused) {
        const seen = document.createElement("button");
        seen.type = "button";
        seen.className = "btn btn-sm";
        seen.textContent = "Visto";
        seen.addEventListener("click", () => { forget(slip.key); draw(); field.focus(); });
        row.append(seen);
      }
      return row;
    }));
  }
  function offline(text) {
    network.hidden = !text;
    network.querySelector("span").textContent = text;
  }

  async function undo(form) {
    try {
      const answer = await ask(form.action, { key: form.elements.key.value });
      if (answer.kind !== "undone") { say(answer.text, "is-late"); return; }
      add(answer);
      say("Se deshizo. Si quiere recibirlo de nuevo, lea otra vez su código.", "is-good");
    } catch (error) { tell(error); }
    field.focus();
  }
  async function mail(form) {
    try {
      const answer = await ask(form.action, {});
      if (answer.kind !== "mailed") { say(answer.text, "is-late"); return; }
      add(answer);
      say("El recibo va por correo.", "is-good");
    } catch (error) { tell(error); }
    field.focus();
  }
  function undoLast() {
    if (kept().some((slip) => !slip.refused)) { say("El último aún no llega a la oficina: espere a que se envíe.", "is-late"); return; }
    const last = latest.querySelector(".counter-row:not(.is-undone) form.undo");
    if (last) { undo(last); } else { say("No hay nada que deshacer."); }
  }

  // --- Keys ----------------------------------------------------------------------------------------------------------------

  // A key alone is an order; a scanner types faster than a person and is left to finish.
  function order(key) {
    if (key === "-") { undoLast(); return true; }
    const choice = desk.querySelector(`form.choice[data-key="${key}"]`);
    if (choice) { find(choice.elements.codigo.value); return true; }
    if (!person()) return false;
    if (key === "0") {
      const all = boxes().every((box) => box.checked);
      for (const box of boxes()) box.checked = !all;
      return boxes().length > 0;
    }
    const box = boxes().find((each) => each.dataset.key === key);
    if (box) box.checked = !box.checked;
    return Boolean(box);
  }
  const isOrder = (text) => /^[0-9-]$/.test(text);
  function obey() {
    if (!isOrder(field.value)) return false;
    const done = order(field.value);
    if (done) field.value = "";
    return done;
  }
  let alone = 0;
  field.addEventListener("input", () => {
    clearTimeout(alone);
    if (isOrder(field.value)) alone = setTimeout(obey, A_KEY_ALONE_MS);
  });

  search.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(alone);
    if (isOrder(field.value)) obey();
    const text = field.value.trim();
    if (text && marked().length) {
      field.value = "";
      say(`Lo de ${person().dataset.name} no se ha guardado: oprima Enter para guardarlo o Esc para dejarlo, y vuelva a leer el código.`, "is-late");
    } else if (text) {
      field.value = "";
      find(text);
    } else if (person() && marked().length) {
      save();
    } else if (person()) {
      say(boxes().length ? "Marque lo que entrega con su número, o 0 para todo." : "No hay nada que guardar. Esc para otro alumno.");
    }
  });
  desk.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.target.matches("form.choice")) { find(event.target.elements.codigo.value); return; }
    if (marked().length) { save(); } else { say("Marque lo que entrega con su número, o 0 para todo."); }
  });
  desk.addEventListener("click", (event) => { if (event.target.closest("[data-all]")) { order("0"); field.focus(); } });
  latest.addEventListener("submit", (event) => {
    if (event.target.matches("form.undo")) { event.preventDefault(); undo(event.target); }
    if (event.target.matches("form.mail")) { event.preventDefault(); mail(event.target); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { asked += 1; say(""); clearDesk(); return; }
    if (event.ctrlKey || event.altKey || event.metaKey || event.key.length !== 1) return;
    // Whatever is typed goes to the field, wherever the focus was; a button keeps its own keys.
    if (!event.target.matches("input:not([type=checkbox]), select, textarea") && event.key !== " ") field.focus();
  });
  window.addEventListener("focus", () => { if (document.activeElement === document.body) field.focus(); });
  window.addEventListener("online", () => send());

  draw();
  send();
  field.focus();
})();
