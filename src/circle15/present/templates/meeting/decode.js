// The data: base64 -> gzip -> JSON -> columns. Coordinates are running sums of whole steps.

async function inflate(text) {
  const bytes = Uint8Array.from(atob(text.trim()), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

// [[lat, lon], ...] as Leaflet wants them.
function points({ x, y, scale }) {
  let east = 0, north = 0;
  return x.map((step, i) => {
    east += step;
    north += y[i];
    return [north / scale, east / scale];
  });
}

// Cuts a list into pieces of the given lengths.
function cut(list, lengths) {
  let from = 0;
  return lengths.map((n) => list.slice(from, (from += n)));
}

// For each unit its polygons, each a list of rings; a unit without area has none.
function polygons(shapes) {
  const rings = cut(points(shapes), shapes.points);
  return cut(cut(rings, shapes.rings), shapes.parts);
}

function lines(coded) {
  return cut(points(coded), coded.points);
}

// One point a feature, null where it has none.
function places(coded) {
  const known = points(coded);
  let next = 0;
  return coded.has.map((has) => (has ? known[next++] : null));
}
