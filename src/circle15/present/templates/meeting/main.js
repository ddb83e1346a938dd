// What the user does, and what follows from it.

function setTheme(theme) {
  state.theme = theme;
  if (theme >= 0) state.open.add(groupOf(theme));
  refresh();
}

function setMode(mode) {
  state.mode = mode;
  refresh();
}

function setLanguage(language) {
  state.language = language;
  hideTip();
  writeChrome();
  drawFilters();
  drawCategories();
  drawAbout();
  refresh();
  for (const draw of Object.values(SECTIONS)) draw();
}

function setTab(tab) {
  state.tab = tab;
  document.body.dataset.tab = tab;
  for (const button of document.querySelectorAll("#tabs button")) {
    button.setAttribute("aria-selected", String(button.dataset.tab === tab));
    button.tabIndex = button.dataset.tab === tab ? 0 : -1;
  }
  document.getElementById("panel").scrollTop = 0;
  openDrawer(true);
  SECTIONS[tab]?.();
}

function selectUnit(unit) {
  state.unit = unit;
  refresh();
  setTab("unit");
}

// Units above those on the map have no place to go to.
function goTo(unit, rule) {
  const isDrawn = unit < data.units.ids.length;
  if (isDrawn) state.unit = unit;
  setTheme(rule);
  if (isDrawn) showUnit(unit);
}

// What depends on theme, unit or filters in each tab; drawn when somebody looks at it.
const SECTIONS = { summary: drawSummary, unit: drawUnit, ledger: drawLedger, trial: drawTrial };

// Everything that depends on theme, mode, unit, filters or language.
function refresh() {
  const classes = paint();
  drawLegend(classes);
  drawThemes();
  drawFiltered();
  SECTIONS[state.tab]?.();
  window.circle15.classes = classes.map(({ key, units, people }) => ({ key, units, people }));
}

// One sheet of paper: the page takes the size it will be printed in, and the map is drawn for
// it, with twice the pixels of a common screen.
const screenIsFine = L.Browser.retina;
let screenView;

function layOutForPrint() {
  drawSummary();
  const view = map.getBounds();
  screenView = [map.getCenter(), map.getZoom()];
  document.body.classList.add("printing");
  L.Browser.retina = true;
  resizeMap(() => map.fitBounds(view, { animate: false }));
  const flat = flattened();
  flat.id = "flat";
  document.getElementById("frame").prepend(flat);
  document.body.classList.add("flat");
}

function layOutForScreen() {
  document.body.classList.remove("printing", "flat");
  L.Browser.retina = screenIsFine;
  document.getElementById("flat").remove();
  resizeMap(() => map.setView(...screenView, { animate: false }));
}

// Chromium prints each canvas on white paper of its own, so that the topmost hides the others:
// on paper all of them are one.
function flattened() {
  const frame = document.getElementById("map").getBoundingClientRect();
  const flat = element("canvas", { width: frame.width * 2, height: frame.height * 2 });
  const ctx = flat.getContext("2d");
  ctx.scale(2, 2);
  ctx.fillStyle = getComputedStyle(document.getElementById("map")).backgroundColor;
  ctx.fillRect(0, 0, frame.width, frame.height);
  for (const layer of document.querySelectorAll("#map canvas")) {
    const { left, top, width, height } = layer.getBoundingClientRect();
    ctx.drawImage(layer, left - frame.left, top - frame.top, width, height);
  }
  return flat;
}

function resizeMap(look) {
  map.invalidateSize({ animate: false, pan: false });
  look();
  canvas.repaint();
  drawLabels();
}

function listen() {
  const on = (id, act) => document.getElementById(id).addEventListener("click", act);
  on("language", () => setLanguage(state.language === "zh" ? "en" : "zh"));
  on("print", () => window.print());
  on("whole", showAll);
  document.getElementById("filter").addEventListener("input", (event) => { state.filter = event.target.value; drawThemes(); });
  on("by-verdict", () => setMode("verdict"));
  on("by-minutes", () => setMode("minutes"));
  on("all-facilities", () => switchAll(true));
  on("no-facilities", () => switchAll(false));
  for (const button of document.querySelectorAll("#tabs button")) button.addEventListener("click", () => (button.dataset.tab === state.tab ? openDrawer() : setTab(button.dataset.tab)));
  listenToView();
  document.getElementById("panel").addEventListener("scroll", drawWindow);
  window.addEventListener("beforeprint", layOutForPrint);
  window.addEventListener("afterprint", layOutForScreen);
}

// A small window into the page for those who check it.
function expose() {
  window.circle15 = {
    ready: false,
    state,
    data,
    map: () => map,
    count: () => ({
      blocks: blocks.filter((block) => block && map.hasLayer(block)).length,
      streets: Object.values(streets).reduce((sum, line) => sum + line.getLatLngs().length, 0),
      facilities: discs.filter((disc) => disc && map.hasLayer(disc)).length,
    }),
    colourOf: (unit) => blocks[unit].options.fillColor,
    opacities: () => blocks.map((block) => block?.options.fillOpacity ?? null),
    attempt,
    savedChanges,
    placeOfFacility: (facility) => map.latLngToContainerPoint(discs[facility].getLatLng()),
    placeOf: (unit) => map.latLngToContainerPoint(data.at[unit]),
  };
}

function tell(id) {
  document.getElementById("notice").replaceChildren(document.getElementById(id).content.cloneNode(true));
}

async function start() {
  if (typeof DecompressionStream === "undefined") return tell("too-old");
  try {
    data = await inflate(document.getElementById("payload").textContent);
  } catch (error) {
    return tell("broken");
  }
  state.language = /^zh/i.test(navigator.language) ? "zh" : "en";
  data.places = data.units.ids.length + data.above.ids.length;
  data.rowOf = new Map(data.ledger.rule.map((rule, row) => [rule * data.places + data.ledger.unit[row], row]));
  data.tallies = data.units.ids.map((_, unit) => tally(unit));
  data.worst = worstFirst();
  data.parentNames = namesOfParents();
  applyFilters();
  followLook();
  writeChrome();
  expose();
  // The map makes room for the legend, so the legend is there before it.
  drawLegend(classify(state.theme, state.mode).classes);
  createMap();
  createLabels();
  createSearch();
  listen();
  setTab("summary");
  setLanguage(state.language);
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(document.getElementById("map"));
  document.getElementById("notice").remove();
  window.circle15.ready = true;
}

start();
