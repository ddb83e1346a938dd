// The map: blocks, streets, facilities and the unit chosen, all on one canvas, so that Leaflet
// finds what lies topmost under the pointer.

const Hatched = L.Canvas.extend({
  _fillStroke(ctx, layer) {
    L.Canvas.prototype._fillStroke.call(this, ctx, layer);
    if (!layer.options.hatch) return;
    ctx.globalAlpha = layer.options.fillOpacity;
    ctx.fillStyle = this._pattern(ctx, layer.options.hatch);
    ctx.fill("evenodd");
  },
  _pattern(ctx, colour) {
    this._patterns ??= {};
    return (this._patterns[colour] ??= ctx.createPattern(hatchTile(colour), "repeat"));
  },
  // Draws all at once after many options have changed; a redraw for each path is far slower.
  repaint() {
    this._redrawRequest = null;
    this._redrawBounds = null;
    this._clear();
    this._draw();
  },
});

function hatchTile(colour) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 7;
  const ctx = tile.getContext("2d");
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.3;
  ctx.beginPath();
  for (const shift of [-7, 0, 7]) {
    ctx.moveTo(shift - 1, 8);
    ctx.lineTo(shift + 8, -1);
  }
  ctx.stroke();
  return tile;
}

// A facility is a disc with the number of its category once there is room for it.
const Disc = L.CircleMarker.extend({
  _updatePath() {
    L.CircleMarker.prototype._updatePath.call(this);
    if (this._radius < 7 || this._empty()) return;
    const ctx = this._renderer._ctx;
    ctx.globalAlpha = 1;
    ctx.fillStyle = inkOn(this.options.fillColor);
    ctx.font = `600 ${Math.round(this._radius * 1.25)}px Arial, sans-serif`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(this.options.number, this._point.x, this._point.y + 0.8);
  },
});

const STREETS = {
  paths: { light: "#ffffff", dark: "#0e1216", opacity: 0.75, widths: [0, 0.5, 0.8, 1.2, 1.6] },
  minor: { light: "#ffffff", dark: "#0e1216", opacity: 1, widths: [0.6, 1.4, 2.4, 4, 7] },
  casing: { light: "#a9afb8", dark: "#59636f", opacity: 1, widths: [1.6, 3.4, 5.2, 7.5, 12] },
  major: { light: "#ffffff", dark: "#0e1216", opacity: 1, widths: [1, 2.4, 4, 6, 10] },
};
// Lines on the map: the chosen unit, and what sets lines and names off from the colours beneath.
const LINES = { light: { ink: "#11161c", halo: "#ffffff", street_name: "#39434f" }, dark: { ink: "#f2f5f8", halo: "#0e1216", street_name: "#c3ccd6" } };

// Units filtered out are still there, so that one sees where the others lie.
const FADED = 0.12;

// What trying changes does with clicks; each tells whether it took one.
let onMapClick = () => false, onDiscClick = () => false, onDiscDown = () => {};

let map, canvas, frame, usualWidth, shapes = [], blocks = [], discs = [], streets = {}, chosen = [], tip;

function createMap() {
  // A tip that fades out would for a moment still be there, in a language that was left.
  map = L.map("map", { attributionControl: false, zoomControl: false, fadeAnimation: false, zoomAnimation: !isStill, inertia: !isStill, keyboardPanDelta: 120, zoomSnap: 0.25, zoomDelta: 0.5, minZoom: 3, maxZoom: 20 });
  canvas = new Hatched({ padding: 0.3, tolerance: 3 });
  L.control.zoom({ position: "topleft", zoomInTitle: "+", zoomOutTitle: "−" }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomright", maxWidth: 160 }).addTo(map);
  tip = L.tooltip({ direction: "top", offset: [0, -8] });
  data.at = places(data.units.places);
  shapes = polygons(data.units.shapes);
  measureUnits();
  // The view comes first: whatever is there already would be placed twice.
  showAll();
  drawBlocks();
  drawStreets();
  drawDiscs();
  // Wide streets hide small blocks from afar; widths follow the zoom.
  map.on("click", ({ latlng }) => onMapClick(latlng));
  map.on("zoomend", () => { dressBlocks(); dressStreets(); dressDiscs(); canvas.repaint(); });
}

// The frame of all units (or facilities, where no unit has a place) and the usual width of one.
function measureUnits() {
  const corners = shapes.flat(2).flat();
  const spots = [...corners, ...data.at.filter(Boolean)];
  frame = L.latLngBounds(spots.length ? spots : places(data.facilities.places).filter(Boolean));
  const widths = shapes.filter((shape) => shape.length).map((shape) => {
    const easts = shape[0][0].map(([, east]) => east);
    return easts.reduce((a, b) => Math.max(a, b)) - easts.reduce((a, b) => Math.min(a, b));
  });
  usualWidth = widths.sort((a, b) => a - b)[Math.floor(widths.length / 2)] ?? 0;
}

// The usual width of a unit on the screen; where there are only points they are as wide as drawn.
function usualPixels() {
  return usualWidth ? (usualWidth / 360) * 256 * 2 ** map.getZoom() : 18;
}

function drawBlocks() {
  const shared = { renderer: canvas, weight: 0.8, smoothFactor: 0.4 };
  blocks = shapes.map((shape, unit) => {
    if (shape.length) return L.polygon(shape, shared);
    // A unit that is only a point, or has no geometry at all.
    return data.at[unit] ? L.circleMarker(data.at[unit], { ...shared, radius: 9 }) : null;
  });
  blocks.forEach((block, unit) => { if (block) block.unit = unit; });
  // One listener for all: three for each of 20,000 blocks take seconds to set up.
  L.featureGroup(blocks.filter(Boolean)).on({
    click: (event) => { L.DomEvent.stop(event); if (!onMapClick(event.latlng)) selectUnit(event.propagatedFrom.unit); },
    mousemove: (event) => showTip(event.latlng, unitTip(event.propagatedFrom.unit)),
    mouseout: hideTip,
  }).addTo(map);
  dressBlocks();
}

// Outlines would hide units that are hardly larger than they.
function dressBlocks() {
  const weight = Math.min(0.8, usualPixels() / 25);
  blocks.forEach((block) => { if (block) block.options.weight = weight; });
}

function drawStreets() {
  const courses = { paths: lines(data.streets.paths), minor: lines(data.streets.minor), major: lines(data.streets.major) };
  courses.casing = courses.major;
  for (const [kind, { opacity }] of Object.entries(STREETS)) {
    streets[kind] = L.polyline(courses[kind], { renderer: canvas, interactive: false, opacity, smoothFactor: 0.8 });
    streets[kind].addTo(map);
  }
}

function dressStreets() {
  const at = Math.max(0, Math.min(4, map.getZoom() - 13.25));
  const low = Math.min(3, Math.floor(at));
  for (const [kind, { widths, [state.look]: color }] of Object.entries(STREETS)) {
    streets[kind].options.color = color;
    const weight = widths[low] + (widths[low + 1] - widths[low]) * (at - low);
    streets[kind].options.weight = weight;
    streets[kind].options.stroke = weight > 0;
  }
}

function drawDiscs() {
  discs = places(data.facilities.places).map((place, facility) => place && makeDisc(place, facility));
}

function makeDisc(place, facility) {
  const category = data.facilities.categories[facility];
  const number = String(data.categories.findIndex(({ id }) => id === category) + 1);
  const disc = new Disc(place, { renderer: canvas, color: "#ffffff", weight: 1.5, fillColor: categoryOf(category).colour, fillOpacity: 1, number });
  disc.category = category;
  return disc.on({
    click: (event) => { L.DomEvent.stop(event); if (!onDiscClick(facility)) showTip(place, facilityTip(facility)); },
    mousedown: () => onDiscDown(facility),
    mousemove: () => showTip(place, facilityTip(facility)),
    mouseout: hideTip,
  });
}

// The categories asked about stand out; the others step back but stay.
function dressDiscs() {
  const focus = data.rules[state.theme]?.categories;
  const near = map.getZoom() >= 15.5;
  for (const disc of discs) {
    if (!disc) continue;
    const shown = !state.hidden.has(disc.category);
    if (shown !== map.hasLayer(disc)) shown ? disc.addTo(map) : disc.remove();
    const inFocus = focus !== undefined && focus.includes(disc.category);
    const faded = focus !== undefined && !inFocus;
    disc.options.radius = disc._radius = faded ? 3.5 : inFocus ? (near ? 10 : 8) : near ? 8 : map.getZoom() < 14.5 ? 3.5 : 4.5;
    disc.options.fillOpacity = faded ? 0.55 : 1;
    disc.options.opacity = faded ? 0.6 : 1;
    if (shown && disc._point) disc._updateBounds();
    if (shown && inFocus) disc.bringToFront();
  }
}

// Colours all blocks by the theme and gives back the classes with their counts.
function paint() {
  const { classes, byUnit } = classify(state.theme, state.mode);
  const { halo } = LINES[state.look];
  blocks.forEach((block, unit) => {
    if (!block) return;
    const { colour, hatch } = classes[byUnit[unit]];
    const isIn = data.inside[unit];
    Object.assign(block.options, { color: halo, fillColor: colour, hatch: isIn ? hatch ?? null : null, fillOpacity: isIn ? state.opacity : state.opacity * FADED });
  });
  dressStreets();
  dressDiscs();
  drawChosen();
  canvas.repaint();
  drawLabels();
  return classes;
}

// Outline of the unit chosen, and which facility is meant by "nearest".
function drawChosen() {
  chosen.forEach((layer) => layer.remove());
  chosen = [];
  const block = blocks[state.unit];
  if (!block) return;
  const { ink, halo } = LINES[state.look];
  const flat = { renderer: canvas, interactive: false, fill: false };
  const outline = (style) => (block instanceof L.Polygon
    ? L.polygon(block.getLatLngs(), { ...flat, ...style })
    : L.circleMarker(block.getLatLng(), { ...flat, ...style, radius: 10 }));
  chosen.push(outline({ color: halo, weight: 7 }), outline({ color: ink, weight: 3.5 }));
  const disc = nearestDisc(state.unit);
  if (disc) {
    const ends = [data.at[state.unit], disc.getLatLng()];
    chosen.push(L.polyline(ends, { ...flat, color: halo, weight: 4.5, opacity: 0.9 }));
    chosen.push(L.polyline(ends, { ...flat, color: ink, weight: 1.8, dashArray: "5 6" }));
    chosen.push(L.circleMarker(disc.getLatLng(), { ...flat, color: ink, weight: 2.5, radius: 14 }));
  }
  chosen.forEach((layer) => layer.addTo(map));
}

function showAll() {
  if (!frame.isValid()) return map.setView([0, 0], 3);
  map.fitBounds(frame, { ...besideLegend(frame), maxZoom: 18, animate: false });
}

// Leaves the legend's place free, beside or below it, where that hardly shrinks the map.
function besideLegend(bounds) {
  const { offsetWidth: width, offsetHeight: height } = document.getElementById("legend");
  const paddings = [[0, 0], [0, height + 10], [width + 10, 0]].map(([left, bottom]) => ({
    paddingTopLeft: [18 + left, 18], paddingBottomRight: [18, 18 + bottom],
  }));
  const zooms = paddings.map((room) => map.getBoundsZoom(bounds, false, L.point(room.paddingTopLeft).add(room.paddingBottomRight)));
  const best = [2, 1].find((i) => zooms[i] >= zooms[0] - 0.25) ?? 0;
  return paddings[best];
}

// Brings a unit into view with what lies around it, and with the facility that is meant.
function showUnit(unit) {
  if (!blocks[unit]) return;
  const bounds = L.featureGroup([blocks[unit]]).getBounds().pad(0.6);
  const disc = nearestDisc(unit);
  if (disc) bounds.extend(disc.getLatLng());
  map.fitBounds(bounds, { ...besideLegend(bounds), maxZoom: 17, animate: false });
}

// The disc of the facility nearest to a unit under the theme, where there is one.
function nearestDisc(unit) {
  return state.theme < 0 ? null : discs[data.measures.facility[state.theme][unit]];
}

function showTip(place, content) {
  tip.setLatLng(place).setContent(content);
  if (!map.hasLayer(tip)) tip.addTo(map);
}

function hideTip() {
  tip.remove();
}

function unitTip(unit) {
  const rows = [given(unitName(unit), "b"), element("br")];
  if (state.theme >= 0) {
    const verdict = verdictOf(state.theme, unit);
    rows.push(verdictTag(verdict));
    if (verdict !== "not_asked") rows.push(` · ${measureText(state.theme, unit)}`);
  } else rows.push(`${word("unit.met")}${word("colon")}${metText(unit)}`);
  if (state.theme === RANK && data.worst.has(unit)) rows.push(element("br"), word("unit.rank", { n: figure(data.worst.get(unit)), all: figure(data.worst.size) }));
  return element("div", {}, ...rows);
}

function facilityTip(facility) {
  return element("div", {}, given(facilityName(facility), "b"), element("br"), categoryName(data.facilities.categories[facility]));
}
