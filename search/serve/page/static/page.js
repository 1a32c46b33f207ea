// What scripts add: keys that move between results, and a button that copies. All else works without them.
const stored = "khabar-keys";
const toggle = document.querySelector("[data-keys]");

function keysOn() {
  try { return localStorage.getItem(stored) !== "off"; } catch { return true; }
}

function showKeys() {
  toggle.textContent = keysOn() ? toggle.dataset.on : toggle.dataset.off;
  toggle.setAttribute("aria-pressed", String(keysOn()));
}

if (toggle) {
  toggle.hidden = false;
  showKeys();
  toggle.addEventListener("click", () => {
    try { localStorage.setItem(stored, keysOn() ? "off" : "on"); } catch { /* no storage: they stay on */ }
    showKeys();
  });
}

document.addEventListener("keydown", (event) => {
  if (!keysOn() || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (event.key === "/") {
    const box = document.querySelector("#q, #text");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  } else if (event.key === "j" || event.key === "k") {
    const hits = [...document.querySelectorAll("[data-hit]")];
    const at = hits.indexOf(document.activeElement);
    const next = hits[event.key === "j" ? at + 1 : at - 1];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "center" });
  }
});

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  const said = button.textContent;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy).textContent.replace(/\s+/g, " ").trim();
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = said; }, 2000);
    } catch {
      getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
    }
  });
}
