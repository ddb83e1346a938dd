// How the page looks: light or dark, how much shows through the colours, the whole screen, the
// drawer of a phone, and the keys that go with it.

const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;

// The system's choice until somebody makes another.
function followLook() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  applyLook(dark.matches ? "dark" : "light");
  dark.addEventListener("change", () => setLook(dark.matches ? "dark" : "light"));
}

function applyLook(look) {
  state.look = look;
  document.documentElement.dataset.look = look;
  document.getElementById("dark").setAttribute("aria-pressed", String(look === "dark"));
}

function setLook(look) {
  applyLook(look);
  refresh();
}

function setOpacity(percents) {
  state.opacity = percents / 100;
  blocks.forEach((block, unit) => { if (block) block.options.fillOpacity = data.inside[unit] ? state.opacity : state.opacity * FADED; });
  canvas.repaint();
}

// A frame that may not fill the screen says so by refusing; the page then stays as it is.
function toggleFullscreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen?.().catch(() => {});
}

// On a phone the panel is a drawer below the map; without a wish it changes to what it is not.
function openDrawer(open = document.body.dataset.drawer === "closed") {
  document.body.dataset.drawer = open ? "open" : "closed";
}

// Left and right go through the tabs, as they do in all tab lists.
function moveInTabs(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const tabs = [...document.querySelectorAll("#tabs button")].filter((tab) => tab.offsetParent !== null);
  const next = tabs[(tabs.indexOf(event.target) + step + tabs.length) % tabs.length];
  event.preventDefault();
  setTab(next.dataset.tab);
  next.focus();
}

// Up and down go through the rules listed.
function moveInThemes(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const buttons = [...document.querySelectorAll("#themes button")];
  const at = buttons.indexOf(event.target);
  if (!step || at < 0) return;
  event.preventDefault();
  buttons[Math.max(0, Math.min(buttons.length - 1, at + step))].focus();
}

// Escape takes back what lies on top: the tip first, then the unit chosen.
function onKey(event) {
  if (event.key === "Escape" && !event.defaultPrevented) {
    if (map.hasLayer(tip)) hideTip();
    else if (state.unit >= 0) { state.unit = -1; refresh(); }
  }
  if (event.key === "/" && !event.target.closest("input, select")) {
    event.preventDefault();
    document.getElementById("search").focus();
  }
}

function listenToView() {
  const on = (id, name, act) => document.getElementById(id).addEventListener(name, act);
  on("dark", "click", () => setLook(state.look === "dark" ? "light" : "dark"));
  on("fullscreen", "click", toggleFullscreen);
  on("opacity", "input", (event) => setOpacity(Number(event.target.value)));
  on("tabs", "keydown", moveInTabs);
  on("themes", "keydown", moveInThemes);
  on("picture", "click", savePicture);
  document.addEventListener("keydown", onKey);
}
