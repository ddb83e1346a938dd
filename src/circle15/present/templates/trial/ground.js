// The walking network out of whole numbers: vertices in metres, lengths, and who leads where.
// Arrays have room to spare, since paths that are tried add nodes and edges at their ends.

const SPARE_NODES = 2000, SPARE_EDGES = 5000, SPARE_POINTS = 100000;
const AXIS_M = 6378137, ECCENTRICITY = 0.006694379990141316;
const FINE_STEPS = 1e10, REST_STEPS = 1e7, CELL_M = 50, MOST_CELLS = 4e6;

// Longitude and latitude in degrees to metres in the network's CRS.
function projector({ middle, half, origin, degree, x: xs, y: ys }) {
  return (lon, lat) => {
    const a = (lon - middle[0]) / half[0], b = (lat - middle[1]) / half[1];
    let x = 0, y = 0;
    for (let i = degree, end = xs.length; i >= 0; i -= 1) {
      const begin = end - (degree + 1 - i);
      let row = 0, column = 0;
      for (let at = end - 1; at >= begin; at -= 1) {
        row = row * b + xs[at];
        column = column * b + ys[at];
      }
      x = x * a + row;
      y = y * a + column;
      end = begin;
    }
    return [origin[0] + x, origin[1] + y];
  };
}

// Metres between two points near each other, in degrees; the same formula measured the rest.
function shortLength(lon, lat, nextLon, nextLat) {
  const inRadians = Math.PI / 180, middle = ((lat + nextLat) / 2) * inRadians, sine = Math.sin(middle);
  const flat = 1 - ECCENTRICITY * sine * sine, root = Math.sqrt(flat);
  const across = (AXIS_M / root) * Math.cos(middle) * (nextLon - lon) * inRadians;
  const along = ((AXIS_M * (1 - ECCENTRICITY)) / (flat * root)) * (nextLat - lat) * inRadians;
  return Math.sqrt(across * across + along * along);
}

function runningSums(steps, room = 0) {
  const sums = new Int32Array(steps.length + room);
  let sum = 0;
  for (let i = 0; i < steps.length; i += 1) sums[i] = sum += steps[i];
  return sums;
}

// `first` has the points of edge e from first[e] to first[e + 1]; `along` is how far they are
// from its start as drawn, `unit` how many drawn metres a true one takes.
function buildGround({ network, projection }) {
  const project = projector(projection);
  const m = network.u.length, n = network.x.length, points = network.px.length;
  const u = runningSums(network.u, SPARE_EDGES), v = new Int32Array(m + SPARE_EDGES);
  const first = new Int32Array(m + SPARE_EDGES + 1);
  for (let e = 0; e < m; e += 1) {
    v[e] = u[e] + network.v[e];
    first[e + 1] = first[e] + network.inner[e] + 2;
  }
  const ground = {
    project, n, m, baseNodes: n, baseEdges: m, u, v, first,
    x: new Float64Array(points + SPARE_POINTS), y: new Float64Array(points + SPARE_POINTS), along: new Float64Array(points + SPARE_POINTS),
    length: new Float64Array(m + SPARE_EDGES), unit: new Float64Array(m + SPARE_EDGES), cut: new Uint8Array(m + SPARE_EDGES), cutFrom: new Map(),
  };
  placePoints(ground, network);
  Object.assign(ground, arcsOf(ground), { grid: buildGrid(ground) });
  ground.widest = ground.unit.reduce((a, b) => Math.max(a, b), 0);
  return ground;
}

function placePoints(ground, { scale, x, y, px, py, odd, odd_x: oddX, odd_y: oddY, rest }) {
  const { m, u, v, first, project } = ground;
  const nodeX = new Float64Array(x.length), nodeY = new Float64Array(y.length);
  for (let i = 0, east = 0, north = 0; i < x.length; i += 1) {
    nodeX[i] = east += x[i];
    nodeY[i] = north += y[i];
  }
  const lon = new Float64Array(px.length), lat = new Float64Array(py.length);
  for (let e = 0; e < m; e += 1) {
    const last = first[e + 1] - 1;
    let east = nodeX[u[e]], north = nodeY[u[e]];
    for (let i = first[e]; i < last; i += 1) {
      lon[i] = (east += px[i]) / scale;
      lat[i] = (north += py[i]) / scale;
    }
    lon[last] = (nodeX[v[e]] + px[last]) / scale;
    lat[last] = (nodeY[v[e]] + py[last]) / scale;
  }
  runningSums(odd).forEach((at, i) => {
    lon[at] += oddX[i] / FINE_STEPS;
    lat[at] += oddY[i] / FINE_STEPS;
  });
  for (let e = 0; e < m; e += 1) {
    let metres = 0;
    for (let i = first[e]; i < first[e + 1]; i += 1) {
      [ground.x[i], ground.y[i]] = project(lon[i], lat[i]);
      if (i > first[e]) metres += shortLength(lon[i - 1], lat[i - 1], lon[i], lat[i]);
    }
    measureEdge(ground, e, metres + rest[e] / REST_STEPS);
  }
}

// Notes how far each point of an edge is along it, as drawn.
function measureEdge(ground, edge, metres) {
  const { x, y, along, first } = ground;
  let drawn = 0;
  along[first[edge]] = 0;
  for (let i = first[edge] + 1; i < first[edge + 1]; i += 1) along[i] = drawn += Math.sqrt((x[i] - x[i - 1]) ** 2 + (y[i] - y[i - 1]) ** 2);
  ground.length[edge] = metres;
  ground.unit[edge] = metres > 0 ? drawn / metres : 1;
}

// Edges by node: those of node n are from arcFirst[n] to arcFirst[n + 1]; later ones are linked.
function arcsOf({ n, m, u, v }) {
  const arcFirst = new Int32Array(n + SPARE_NODES + 1);
  for (let e = 0; e < m; e += 1) {
    arcFirst[u[e] + 1] += 1;
    arcFirst[v[e] + 1] += 1;
  }
  for (let i = 0; i < n + SPARE_NODES; i += 1) arcFirst[i + 1] += arcFirst[i];
  const to = arcFirst.slice(), arcEdge = new Int32Array(2 * m);
  for (let e = 0; e < m; e += 1) {
    arcEdge[to[u[e]]++] = e;
    arcEdge[to[v[e]]++] = e;
  }
  return { arcFirst, arcEdge, later: new Map() };
}

// The pieces of edges by square cells. A piece is the number of the point that it starts with.
function buildGrid({ m, first, x, y }) {
  const points = first[m];
  let west = Infinity, south = Infinity, east = -Infinity, north = -Infinity;
  for (let i = 0; i < points; i += 1) {
    west = Math.min(west, x[i]); east = Math.max(east, x[i]);
    south = Math.min(south, y[i]); north = Math.max(north, y[i]);
  }
  const cell = Math.max(CELL_M, Math.sqrt(((east - west) * (north - south)) / MOST_CELLS));
  const columns = Math.floor((east - west) / cell) + 1, rows = Math.floor((north - south) / cell) + 1;
  const grid = { west, south, cell, columns, rows, start: new Int32Array(columns * rows + 1) };
  const edgeOf = new Int32Array(points);
  const everyCell = (visit) => {
    for (let e = 0; e < m; e += 1) {
      for (let i = first[e]; i < first[e + 1] - 1; i += 1) {
        edgeOf[i] = e;
        const [left, right, low, high] = cellsAround(grid, Math.min(x[i], x[i + 1]), Math.max(x[i], x[i + 1]), Math.min(y[i], y[i + 1]), Math.max(y[i], y[i + 1]));
        for (let c = left; c <= right; c += 1) for (let r = low; r <= high; r += 1) visit(c * rows + r, i);
      }
    }
  };
  everyCell((at) => { grid.start[at + 1] += 1; });
  for (let i = 0; i < columns * rows; i += 1) grid.start[i + 1] += grid.start[i];
  const to = grid.start.slice();
  grid.pieces = new Int32Array(grid.start[columns * rows]);
  everyCell((at, piece) => { grid.pieces[to[at]++] = piece; });
  return Object.assign(grid, { edgeOf });
}

function cellsAround({ west, south, cell, columns, rows }, low, high, bottom, top) {
  const within = (value, most) => Math.max(0, Math.min(most - 1, value));
  return [
    within(Math.floor((low - west) / cell), columns), within(Math.floor((high - west) / cell), columns),
    within(Math.floor((bottom - south) / cell), rows), within(Math.floor((top - south) / cell), rows),
  ];
}

// Adds an edge between two nodes with its points; gives its number.
function addEdge(ground, from, to, points, metres) {
  const edge = ground.m;
  if (edge + 1 >= ground.u.length || ground.first[edge] + points.length > ground.x.length) throw new RangeError("no room for another path");
  ground.u[edge] = from;
  ground.v[edge] = to;
  points.forEach(([x, y], i) => {
    ground.x[ground.first[edge] + i] = x;
    ground.y[ground.first[edge] + i] = y;
  });
  ground.first[edge + 1] = ground.first[edge] + points.length;
  ground.cut[edge] = 0;
  ground.m += 1;
  measureEdge(ground, edge, metres);
  for (const node of [from, to]) {
    if (!ground.later.has(node)) ground.later.set(node, []);
    ground.later.get(node).push(edge);
  }
  return edge;
}

// Takes away all that paths have added.
function clearPaths(ground) {
  Object.assign(ground, { n: ground.baseNodes, m: ground.baseEdges });
  ground.cut.fill(0);
  ground.cutFrom.clear();
  ground.later.clear();
}
