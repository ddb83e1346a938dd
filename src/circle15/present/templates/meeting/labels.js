// Names of units and streets on a canvas of their own above the map, each only where there is
// room for it. Streets' names follow their street.

let labelCanvas, streetPieces = [];

function createLabels() {
  const pane = map.createPane("labels");
  pane.style.zIndex = 450;
  pane.style.pointerEvents = "none";
  labelCanvas = element("canvas");
  pane.append(labelCanvas);
  const { names, major } = data.streets.labels;
  const ends = points(data.streets.labels);
  streetPieces = names.map((name, i) => ({ name, major: major[i], from: ends[2 * i], to: ends[2 * i + 1] }));
  map.on("moveend resize", drawLabels);
  map.on("zoomstart", () => (labelCanvas.hidden = true));
  map.on("zoomend", () => (labelCanvas.hidden = false));
}

function drawLabels() {
  const size = map.getSize();
  const ratio = L.Browser.retina ? 2 : 1;
  labelCanvas.width = size.x * ratio;
  labelCanvas.height = size.y * ratio;
  labelCanvas.style.width = `${size.x}px`;
  labelCanvas.style.height = `${size.y}px`;
  L.DomUtil.setPosition(labelCanvas, map.containerPointToLayerPoint([0, 0]));
  const ctx = labelCanvas.getContext("2d");
  ctx.scale(ratio, ratio);
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  const taken = discBoxes();
  drawUnitNames(ctx, size, taken);
  drawStreetNames(ctx, size, taken);
}

function discBoxes() {
  return discs.filter((disc) => disc && map.hasLayer(disc) && disc._radius >= 7).map((disc) => {
    const { x, y } = map.latLngToContainerPoint(disc.getLatLng());
    return [x - disc._radius, y - disc._radius, x + disc._radius, y + disc._radius];
  });
}

function drawUnitNames(ctx, size, taken) {
  if (!data.units.names || usualPixels() < 16) return;
  setFont(ctx, "600 13px");
  blocks.forEach((block, unit) => {
    const name = data.units.names[unit];
    if (!block || !name || !data.at[unit]) return;
    const centre = map.latLngToContainerPoint(data.at[unit]);
    if (!size.contains(centre) || centre.x < 0 || centre.y < 0) return;
    const width = ctx.measureText(name).width;
    if (block instanceof L.Polygon && roomIn(block) < width * 0.9) return;
    const box = [centre.x - width / 2, centre.y - 8, centre.x + width / 2, centre.y + 8];
    if (claim(taken, box)) write(ctx, name, centre, 0, LINES[state.look].ink);
  });
}

function roomIn(block) {
  const bounds = block.getBounds();
  return map.latLngToContainerPoint(bounds.getNorthEast()).x - map.latLngToContainerPoint(bounds.getSouthWest()).x;
}

function drawStreetNames(ctx, size, taken) {
  const written = new Map();
  for (const { name, major, from, to } of streetPieces) {
    const a = map.latLngToContainerPoint(from);
    const b = map.latLngToContainerPoint(to);
    const centre = a.add(b).divideBy(2);
    if (!size.contains(centre) || centre.x < 0 || centre.y < 0) continue;
    setFont(ctx, major ? "12px" : "11px");
    const width = ctx.measureText(name).width;
    if (a.distanceTo(b) < width + 8) continue;
    if ((written.get(name) ?? []).some((other) => other.distanceTo(centre) < 420)) continue;
    let angle = Math.atan2(b.y - a.y, b.x - a.x);
    if (angle > Math.PI / 2) angle -= Math.PI;
    if (angle <= -Math.PI / 2) angle += Math.PI;
    if (!claim(taken, slantedBox(centre, width, 14, angle))) continue;
    written.set(name, [...(written.get(name) ?? []), centre]);
    write(ctx, name, centre, angle, LINES[state.look].street_name);
  }
}

function setFont(ctx, font) {
  ctx.font = `${font} ${getComputedStyle(document.documentElement).fontFamily}`;
}

function slantedBox(centre, width, height, angle) {
  const [cos, sin] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))];
  const x = (width * cos + height * sin) / 2;
  const y = (width * sin + height * cos) / 2;
  return [centre.x - x, centre.y - y, centre.x + x, centre.y + y];
}

// True, and the place is taken, where nothing else stands yet.
function claim(taken, box) {
  const free = taken.every((other) => box[2] < other[0] || other[2] < box[0] || box[3] < other[1] || other[3] < box[1]);
  if (free) taken.push(box);
  return free;
}

function write(ctx, text, { x, y }, angle, colour) {
  ctx.save();
  ctx.translate(x, y);
  ctx.rotate(angle);
  ctx.lineWidth = 3.5;
  ctx.strokeStyle = `${LINES[state.look].halo}e0`;
  ctx.strokeText(text, 0, 0);
  ctx.fillStyle = colour;
  ctx.fillText(text, 0, 0);
  ctx.restore();
}
