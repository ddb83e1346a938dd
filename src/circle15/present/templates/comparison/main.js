// What the user does, and what follows from it on both sides.

Object.assign(state, { tab: "changes", place: -1, swipe: 50, marks: true, change: "", rule: -1, text: "", sort: "worst", down: false, rows: 100 });

function setTheme(theme) {
  state.theme = theme;
  refresh();
}

function setLanguage(language) {
  state.language = language;
  hideTip();
  writeBothChrome();
  refresh();
  drawFacilityList();
  drawUnlike();
  drawBothAbout();
  swipeTo(state.swipe);
}

function setTab(tab) {
  state.tab = tab;
  document.body.dataset.tab = tab;
  for (const button of document.querySelectorAll("#tabs button")) button.setAttribute("aria-selected", String(button.dataset.tab === tab));
  document.getElementById("panel").scrollTop = 0;
}

function selectPlace(place) {
  state.place = place;
  setTab("unit");
  refresh();
}

// A change chosen shows its unit on the map and both verdicts beside it.
function goToChange(place, rule) {
  state.theme = rule;
  selectPlace(place);
  showPlace(place);
}

// The swipe gives way where it hides the side that has the facility.
function goToFacility(side, facility) {
  const disc = side.discs[facility];
  if (!disc) return;
  state.hidden.delete(disc.category);
  drawFacilityList();
  map.setView(disc.getLatLng(), Math.max(map.getZoom(), 15.5), { animate: false });
  swipeTo(side.key === "before" ? Math.max(state.swipe, 75) : Math.min(state.swipe, 25));
  dressAll();
}

function refresh() {
  const found = paintSides();
  window.circle15.classes = drawBothLegend(found);
  drawThemeList();
  drawChanges();
  drawBothSummary();
  drawPlace();
}

// What tells the sides apart stands beside "before" and "after".
function sideTitle(side) {
  const other = sides.find((one) => one !== side);
  const own = [side.title !== other.title ? side.title : "",
    side.about.profile !== other.about.profile ? wordOr(`profile.${side.about.profile}`, side.about.profile) : "",
    side.standard.name !== other.standard.name ? side.standard[`title_${state.language}`] : ""];
  return [word(`comparison.${side.key}`), ...own.filter(Boolean)].join(" · ");
}

function writeBothChrome() {
  writeChrome();
  document.title = comparison.title || word("comparison.page");
  document.getElementById("title").textContent = document.title;
  document.getElementById("subtitle").textContent = [comparison.title ? word("comparison.page") : "", standardTitle()].filter(Boolean).join(" · ");
  for (const side of sides) document.querySelector(`.side.${side.key}`).replaceChildren(given(sideTitle(side)));
  const walkers = sides.map(({ about }) => wordOr(`profile.${about.profile}`, about.profile));
  document.getElementById("walker").textContent = `${word("about.walker")}${word("colon")}${pair(...walkers)}`;
}

// On paper each side is a picture of its own, so that nothing is hidden behind the other.
const screenIsFine = L.Browser.retina;
let screenView;

function layOutForPrint() {
  const view = map.getBounds();
  screenView = [map.getCenter(), map.getZoom(), state.tab];
  document.body.classList.add("printing");
  setTab("summary");
  L.Browser.retina = true;
  map.invalidateSize({ animate: false, pan: false });
  map.fitBounds(view, { animate: false });
  dressAll();
  drawNames();
  const sheets = sides.map((side) => element("div", { class: `sheet ${side.key}` }, element("h2", {}, given(sideTitle(side))), pictureOf(side)));
  document.getElementById("frame").prepend(...sheets);
}

function layOutForScreen() {
  document.body.classList.remove("printing");
  L.Browser.retina = screenIsFine;
  for (const sheet of document.querySelectorAll(".sheet")) sheet.remove();
  const [centre, zoom, tab] = screenView;
  setTab(tab);
  map.invalidateSize({ animate: false, pan: false });
  map.setView(centre, zoom, { animate: false });
  dressAll();
  drawNames();
  cutPanes();
}

function pictureOf(side) {
  const home = document.getElementById("map");
  const { left: west, top: north, width: wide, height: high } = home.getBoundingClientRect();
  const flat = element("canvas", { width: wide * 2, height: high * 2 });
  const ctx = flat.getContext("2d");
  ctx.scale(2, 2);
  ctx.fillStyle = getComputedStyle(home).backgroundColor;
  ctx.fillRect(0, 0, wide, high);
  const other = sides.find((one) => one !== side);
  for (const layer of document.querySelectorAll("#map canvas")) {
    if (other.pane.contains(layer)) continue;
    const { left, top, width, height } = layer.getBoundingClientRect();
    ctx.drawImage(layer, left - west, top - north, width, height);
  }
  return flat;
}

function listen() {
  const act = (id, done) => document.getElementById(id).addEventListener("click", done);
  act("language", () => setLanguage(state.language === "zh" ? "en" : "zh"));
  act("print", () => window.print());
  act("whole", showAll);
  act("by-verdict", () => { state.mode = "verdict"; refresh(); });
  act("by-minutes", () => { state.mode = "minutes"; refresh(); });
  act("all-facilities", () => switchEvery(true));
  act("no-facilities", () => switchEvery(false));
  document.querySelector("#marks input").addEventListener("change", (event) => { state.marks = event.target.checked; refresh(); });
  for (const button of document.querySelectorAll("#tabs button")) button.addEventListener("click", () => setTab(button.dataset.tab));
  window.addEventListener("beforeprint", layOutForPrint);
  window.addEventListener("afterprint", layOutForScreen);
}

// A small window into the page for those who check it.
function expose() {
  window.circle15 = {
    ready: false,
    state,
    comparison,
    sides,
    map: () => map,
    marks: () => comparison.marks.length,
    placeOf: (place) => map.latLngToContainerPoint(speaker("row", place).at[speaker("row", place).row[place]]),
  };
}

function tell(id) {
  document.getElementById("notice").replaceChildren(document.getElementById(id).content.cloneNode(true));
}

function createBothMaps() {
  map = L.map("map", { attributionControl: false, zoomControl: false, fadeAnimation: false, zoomSnap: 0.25, zoomDelta: 0.5, minZoom: 3, maxZoom: 20 });
  L.control.zoom({ position: "topleft", zoomInTitle: "+", zoomOutTitle: "−" }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomright", maxWidth: 160 }).addTo(map);
  drawSides();
  ({ blocks, discs } = sides[1]);
  createLabels();
  createSwipe();
}

async function start() {
  if (typeof DecompressionStream === "undefined") return tell("too-old");
  let read;
  try {
    read = await inflate(document.getElementById("payload").textContent);
  } catch (error) {
    return tell("broken");
  }
  state.language = /^zh/i.test(navigator.language) ? "zh" : "en";
  readSides(read);
  expose();
  writeBothChrome();
  createBothMaps();
  listen();
  setTab("changes");
  setLanguage(state.language);
  // Only now the legend has its size, for which the map leaves room.
  showAll();
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(document.getElementById("map"));
  document.getElementById("notice").remove();
  window.circle15.ready = true;
}

start();
