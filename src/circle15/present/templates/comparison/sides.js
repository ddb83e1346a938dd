// Two audits on one map. Each side is what the shared functions call "data", with its own pane
// and canvas on top of the other's; the swipe cuts the panes.

// A mark of a change stands above the unit's name, which has the middle of the unit.
const Mark = Disc.extend({
  _project() {
    Disc.prototype._project.call(this);
    if (this._radius >= 7) this._point = this._point.subtract([0, 18]);
    this._updateBounds();
  },
});

const sides = [];
let comparison;
const MARK_OF = { worse: "▼", unknown_now: "?", better: "▲", known_now: "!", measure: "≈" };
const COLOUR_OF = { worse: "#b0500f", unknown_now: "#5f656d", better: "#17588f", known_now: "#5f656d", measure: "#8b95a3" };

// Lets the shared functions see a side.
function on(side, act) {
  const was = data;
  data = side;
  try {
    return act(side);
  } finally {
    data = was;
  }
}

function readSides(read) {
  comparison = read.comparison;
  for (const key of ["before", "after"]) {
    const side = { ...read.after, ...read[key], key, rule: comparison.rules[key], row: comparison.places[key] };
    side.places = side.units.ids.length + side.above.ids.length;
    side.rowOf = new Map(side.ledger.rule.map((rule, row) => [rule * side.places + side.ledger.unit[row], row]));
    side.at = places(side.units.places);
    // No filter is on: all units are shown.
    side.inside = side.units.ids.map(() => true);
    side.placeOf = [];
    side.row.forEach((row, place) => { if (row >= 0) side.placeOf[row] = place; });
    side.marked = new Set(comparison.facilities[key === "before" ? "gone" : "new"]);
    sides.push(side);
  }
  const tallies = sides.map((side) => on(side, () => side.units.ids.map((_, unit) => tally(unit))));
  // Behind a side's own tallies stand the other's, so that both have the same classes.
  sides.forEach((side, i) => (side.tallies = [...tallies[i], ...tallies[1 - i]]));
  data = sides[1];
  comparison.byPair = new Map();
  const { unit, rule } = comparison.changes;
  unit.forEach((place, row) => comparison.byPair.set(rule[row] * comparison.places.after.length + place, row));
}

// Whatever stands on either side: the side after speaks, where it knows of it.
function speaker(of, i) {
  return sides[1][of][i] >= 0 ? sides[1] : sides[0];
}

function placeName(place) {
  const side = speaker("row", place);
  return on(side, () => unitName(side.row[place]));
}

function placeId(place) {
  const side = speaker("row", place);
  const n = side.units.ids.length;
  return side.units.ids[side.row[place]] ?? side.above.ids[side.row[place] - n];
}

function titleOf(rule) {
  const side = speaker("rule", rule);
  return on(side, () => ruleTitle(side.rule[rule]));
}

function changeRow(rule, place) {
  return comparison.byPair.get(rule * comparison.places.after.length + place);
}

function changeOf(row) {
  return comparison.changes.texts.change[comparison.changes.change[row]];
}

function drawSides() {
  tip = L.tooltip({ direction: "top", offset: [0, -8] });
  const spots = [];
  for (const side of sides) {
    on(side, () => {
      shapes = polygons(side.units.shapes);
      data.at = side.at;
      measureUnits();
    });
    side.shapes = shapes;
    if (frame.isValid()) spots.push(frame);
  }
  frame = spots.reduce((all, own) => all.extend(own), L.latLngBounds([]));
  showAll();
  for (const side of sides) on(side, drawSide);
  drawMarksPane();
  map.on("zoomend", dressAll);
}

function drawSide(side) {
  side.pane = map.createPane(side.key);
  side.pane.style.zIndex = 410;
  canvas = side.canvas = new Hatched({ pane: side.key, padding: 0.3, tolerance: 3 });
  const shared = { renderer: canvas, color: "#ffffff", weight: 0.8, fillOpacity: 0.9, smoothFactor: 0.4 };
  side.blocks = side.shapes.map((shape, unit) => {
    const block = shape.length ? L.polygon(shape, shared)
      : side.at[unit] ? L.circleMarker(side.at[unit], { ...shared, radius: 9 }) : null;
    if (block) block.unit = unit;
    return block;
  });
  L.featureGroup(side.blocks.filter(Boolean)).on({
    click: (event) => { L.DomEvent.stop(event); selectPlace(side.placeOf[event.propagatedFrom.unit]); },
    mousemove: (event) => showTip(event.latlng, placeTip(side.placeOf[event.propagatedFrom.unit])),
    mouseout: hideTip,
  }).addTo(map);
  drawStreets();
  side.streetLines = streets;
  streets = {};
  drawFacilities(side);
}

function drawFacilities(side) {
  side.discs = places(side.facilities.places).map((place, facility) => {
    if (!place) return null;
    const category = side.facilities.categories[facility];
    const disc = new Disc(place, { renderer: side.canvas, color: "#ffffff", weight: 1.5, fillColor: categoryOf(category).colour, fillOpacity: 1, number: categoryNumber(category) });
    disc.category = category;
    disc.marked = side.marked.has(facility);
    const show = () => showTip(place, on(side, () => changedTip(side, facility)));
    return disc.on({ click: (event) => { L.DomEvent.stop(event); show(); }, mousemove: show, mouseout: hideTip });
  });
}

function changedTip(side, facility) {
  const made = facilityTip(facility);
  if (side.marked.has(facility)) made.append(element("br"), word(side.key === "before" ? "comparison.gone" : "comparison.new"));
  return made;
}

function categoryNumber(id) {
  return String(allCategories().findIndex((category) => category.id === id) + 1);
}

function allCategories() {
  const known = new Map(sides.flatMap(({ categories }) => categories).map((category) => [category.id, category]));
  return [...known.values()];
}

// Widths follow the zoom, and the theme tells which facilities stand out.
function dressAll() {
  for (const side of sides) {
    on(side, () => {
      ({ blocks, discs, streetLines: streets } = side);
      dressBlocks();
      dressStreets();
      dressFacilities(side);
      side.canvas.repaint();
    });
  }
  drawMarks();
}

// New and gone facilities are never faded: they are what the comparison is about.
function dressFacilities(side) {
  const rule = state.theme < 0 ? undefined : side.rules[side.rule[state.theme]];
  const near = map.getZoom() >= 15.5;
  for (const disc of side.discs) {
    if (!disc) continue;
    const shown = !state.hidden.has(disc.category);
    if (shown !== map.hasLayer(disc)) shown ? disc.addTo(map) : disc.remove();
    const inFocus = rule?.categories.includes(disc.category) ?? false;
    const faded = state.theme >= 0 && !inFocus && !disc.marked;
    const large = inFocus || disc.marked;
    disc.options.radius = disc._radius = faded ? 3.5 : large ? (near ? 10 : 8) : near ? 8 : map.getZoom() < 14.5 ? 3.5 : 4.5;
    Object.assign(disc.options, {
      fillOpacity: faded ? 0.55 : 1, opacity: faded ? 0.6 : 1,
      color: disc.marked ? "#11161c" : "#ffffff", weight: disc.marked ? 3.5 : 1.5,
      dashArray: disc.marked && side.key === "before" ? "4 3" : null,
    });
    if (disc._dashArray !== undefined || disc.options.dashArray) disc._renderer?._updateDashArray(disc);
    if (shown && disc._point) disc._updateBounds();
    if (shown && large) disc.bringToFront();
  }
}

// Colours both sides by the theme; gives back the classes of each.
function paintSides() {
  const found = sides.map((side) => on(side, () => {
    const rule = state.theme < 0 ? -1 : side.rule[state.theme];
    const { classes, byUnit } = state.theme >= 0 && rule < 0 ? notAsked() : classify(rule, state.mode);
    side.blocks.forEach((block, unit) => {
      if (!block) return;
      const { colour, hatch } = classes[byUnit[unit]];
      Object.assign(block.options, { fillColor: colour, hatch: hatch ?? null });
    });
    return classes;
  }));
  drawChosenPlace();
  dressAll();
  drawNames();
  return found;
}

// A rule that a side has not got asks about none of its units.
function notAsked() {
  const people = data.units.people.reduce((sum, n) => sum + Math.max(n, 0) / 10, 0);
  const only = { key: "not_asked", ...NOT_ASKED, mark: MARKS.not_asked, text: () => word("legend.not_asked"), units: data.units.ids.length, people, unpeopled: 0 };
  return { classes: [only], byUnit: data.units.ids.map(() => 0) };
}

// Names stand above both sides; the side after says them.
function drawNames() {
  ({ blocks, discs } = sides[1]);
  drawLabels();
}

function drawMarksPane() {
  const pane = map.createPane("marks");
  pane.style.zIndex = 460;
  pane.style.pointerEvents = "none";
  comparison.canvas = L.canvas({ pane: "marks", padding: 0.3 });
  comparison.marks = [];
}

// What became of each unit under the theme, the worst of it where all rules are meant.
function drawMarks() {
  comparison.marks.forEach((mark) => mark.remove());
  comparison.marks = [];
  if (!state.marks) return;
  const { unit, rule } = comparison.changes;
  const seen = new Set();
  const room = usualPixels() >= 12;
  unit.forEach((place, row) => {
    const change = changeOf(row);
    if (change === "measure" || seen.has(place) || (state.theme >= 0 && rule[row] !== state.theme)) return;
    seen.add(place);
    const side = speaker("row", place);
    const at = side.at[side.row[place]];
    if (!at) return;
    comparison.marks.push(new Mark(at, {
      renderer: comparison.canvas, interactive: false, radius: room ? 9 : 3, color: "#ffffff", weight: room ? 2 : 1,
      fillColor: COLOUR_OF[change], fillOpacity: 1, number: MARK_OF[change],
    }).addTo(map));
  });
}

// The outline of the unit chosen on each side, and which facility is meant there.
function drawChosenPlace() {
  for (const side of sides) {
    (side.chosen ?? []).forEach((layer) => layer.remove());
    side.chosen = [];
    const unit = state.place < 0 ? -1 : side.row[state.place];
    const block = side.blocks[unit];
    if (!block) continue;
    const flat = { renderer: side.canvas, interactive: false, fill: false };
    const outline = (style) => (block instanceof L.Polygon
      ? L.polygon(block.getLatLngs(), { ...flat, ...style })
      : L.circleMarker(block.getLatLng(), { ...flat, ...style, radius: 10 }));
    side.chosen.push(outline({ color: "#ffffff", weight: 7 }), outline({ color: "#11161c", weight: 3.5 }));
    const disc = meantDisc(side, unit);
    if (disc) {
      const ends = [side.at[unit], disc.getLatLng()];
      side.chosen.push(L.polyline(ends, { ...flat, color: "#ffffff", weight: 4.5, opacity: 0.9 }));
      side.chosen.push(L.polyline(ends, { ...flat, color: "#11161c", weight: 1.8, dashArray: "5 6" }));
    }
    side.chosen.forEach((layer) => layer.addTo(map));
  }
}

function meantDisc(side, unit) {
  const rule = state.theme < 0 ? -1 : side.rule[state.theme];
  return rule < 0 ? null : side.discs[side.measures.facility[rule][unit]];
}

// Brings a unit into view, with the facilities that are meant before and after.
function showPlace(place) {
  const bounds = L.latLngBounds([]);
  for (const side of sides) {
    const block = side.blocks[side.row[place]];
    if (!block) continue;
    bounds.extend(L.featureGroup([block]).getBounds().pad(0.6));
    const disc = meantDisc(side, side.row[place]);
    if (disc) bounds.extend(disc.getLatLng());
  }
  if (bounds.isValid()) map.fitBounds(bounds, { ...besideLegend(bounds), maxZoom: 17, animate: false });
}

function placeTip(place) {
  const rows = sides.map((side) => on(side, () => {
    const unit = side.row[place];
    const said = element("div", {}, `${word(`comparison.${side.key}`)}${word("colon")}`);
    const rule = state.theme < 0 ? -1 : side.rule[state.theme];
    if (unit < 0) said.append(word("comparison.not_there"));
    else if (state.theme < 0) said.append(talliesText(side, unit));
    else if (rule < 0 || verdictOf(rule, unit) === "not_asked") said.append(word("legend.not_asked"));
    else said.append(verdictTag(verdictOf(rule, unit)), ` · ${measureText(rule, unit)}`);
    return said;
  }));
  return element("div", {}, given(placeName(place), "b"), ...rows);
}

function talliesText(side, unit) {
  const { covered, asked } = side.tallies[unit];
  return word("unit.met_of", { met: covered, all: asked });
}
