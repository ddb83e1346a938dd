// A path that is tried: it joins the streets where its ends are nearest to them, and is walked
// as any of them. A street that it joins keeps its own doors, and gets those of its two parts.

const AT_END_M = 1e-6;

function tryPath(coordinates, trial) {
  const { ground } = trial, before = ground.m;
  const points = coordinates.map(([lon, lat]) => ground.project(lon, lat));
  const from = joinStreet(points[0], ground), to = joinStreet(points.at(-1), ground);
  points[0] = from.at;
  points[points.length - 1] = to.at;
  const drawn = points.slice(1).reduce((sum, [x, y], i) => sum + Math.hypot(x - points[i][0], y - points[i][1]), 0);
  addEdge(ground, from.node, to.node, points, drawn / ((from.unit + to.unit) / 2));
  for (const walker of trial.walkers) {
    const lanes = trial.lanes.filter((lane) => lane.ready && lane.walker === walker);
    const near = addDoors(walker, trial, before), { borderLane: border } = walker;
    let apart = false;
    // The path itself comes last; the parts of a street that was cut hang together anyway.
    for (let e = before; e < ground.m; e += 1) apart = walker.parts.join(e);
    if (border) searchFurther(border, trial, before, near);
    for (const lane of lanes) {
      searchFurther(lane, trial, before, near);
      for (const home of [...near, ...(border?.changed ?? [])]) lane.changed.add(home);
      if (apart) lane.outlook = "";
    }
    border?.changed.clear();
  }
}

// The node where a point joins the nearest street; where there is none the street is cut.
function joinStreet([x, y], ground) {
  const { edge, piece, drawn } = nearestEdge(ground, x, y);
  const { first, along, length, unit } = ground, last = first[edge + 1] - 1;
  const spot = (i) => [ground.x[i], ground.y[i]];
  if (drawn / unit[edge] <= AT_END_M) return { node: ground.u[edge], at: spot(first[edge]), unit: unit[edge] };
  if ((along[last] - drawn) / unit[edge] <= AT_END_M) return { node: ground.v[edge], at: spot(last), unit: unit[edge] };
  const share = (drawn - along[piece]) / (along[piece + 1] - along[piece]);
  const at = [ground.x[piece] + share * (ground.x[piece + 1] - ground.x[piece]), ground.y[piece] + share * (ground.y[piece + 1] - ground.y[piece])];
  const spots = (begin, end) => Array.from({ length: end - begin + 1 }, (_, i) => spot(begin + i));
  const node = ground.n++, metres = drawn / unit[edge];
  if (node >= ground.baseNodes + SPARE_NODES) throw new RangeError("no room for another path");
  const parts = [
    addEdge(ground, ground.u[edge], node, [...spots(first[edge], piece), at], metres),
    addEdge(ground, node, ground.v[edge], [at, ...spots(piece + 1, last)], length[edge] - metres),
  ];
  ground.cut[edge] = 1;
  ground.cutFrom.set(parts[0], edge).set(parts[1], edge);
  return { node, at, unit: unit[edge] };
}

// Doors on the new edges, of homes near them; gives back these homes.
function addDoors(walker, trial, before) {
  const { x, y } = trial.homes, { ground } = trial;
  const near = new Set();
  for (let e = before; e < ground.m; e += 1) if (walker.barred.has(ground.cutFrom.get(e))) walker.barred.add(e);
  const [left, right, low, high] = frameOf(ground, before, walker.max_access_m * ground.widest + 1);
  for (let home = 0; home < x.length; home += 1) {
    if (!(x[home] >= left && x[home] <= right && y[home] >= low && y[home] <= high)) continue;
    const found = walker.inReach(x[home], y[home], before);
    for (let i = 0; i < found.length; i += 3) {
      walker.moreDoors.push([home, found[i], found[i + 1], found[i + 2] * walker.legPace]);
      walker.moreByHome.set(home, [...(walker.moreByHome.get(home) ?? []), found[i]]);
      near.add(home);
    }
  }
  return near;
}

function frameOf({ x, y, first, m }, before, wider) {
  const xs = x.subarray(first[before], first[m]), ys = y.subarray(first[before], first[m]);
  const [low, high] = [(values) => values.reduce((a, b) => Math.min(a, b)), (values) => values.reduce((a, b) => Math.max(a, b))];
  return [low(xs) - wider, high(xs) + wider, low(ys) - wider, high(ys) + wider];
}

// What a lane gains by new edges: from their ends onward, and from doors of facilities on them.
function searchFurther(lane, trial, before, near) {
  const { ground, time, heap } = lane, touched = [];
  for (let e = before; e < ground.m; e += 1) for (const node of [ground.u[e], ground.v[e]]) if (time[node] < Infinity) heap.push(time[node], node);
  for (const [label, doors] of lane.doors) {
    const more = moreDoorsOf(label, lane, trial, before);
    doors.push(...more);
    startFrom(more, label, lane);
  }
  relax(lane, (node) => touched.push(node));
  lookUp(lane, new Set([...homesAt(touched, lane), ...near]));
  for (const rule of countedIn(lane, trial)) {
    countAll(lane, rule);
    rule.stale = null;
  }
}

function moreDoorsOf(label, lane, trial, before) {
  const { walker, ground } = lane;
  const facility = lane.isBorder ? walker.beyond : trial.facilities[label];
  if (facility?.xy) return pointDoors(walker.inReach(...facility.xy, before), walker);
  if (!facility?.parts) return [];
  return Array.from({ length: ground.m - before }, (_, i) => shapeDoors(facility.parts, before + i, ground, walker)).flat();
}

// Doors of an area, a line or several points on one edge: along each stretch that lies on it, or
// where it is nearest.
function shapeDoors(parts, edge, ground, walker) {
  const { first, along, unit } = ground, doors = [];
  let best = { apart: Infinity };
  for (let piece = first[edge]; piece < first[edge + 1] - 1; piece += 1) {
    const shares = sharesOn(parts, piece, ground), drawn = along[piece + 1] - along[piece];
    for (const [from, to] of shares) doors.push([edge, (along[piece] + from * drawn) / unit[edge], (along[piece] + to * drawn) / unit[edge], 0]);
    if (shares.length) continue;
    for (const { points } of parts) {
      for (let i = 0; i < Math.max(1, points.length - 1); i += 1) {
        const near = nearestTo(points[i], points[i + 1] ?? points[i], piece, ground);
        if (near.apart < best.apart) best = near;
      }
    }
  }
  if (doors.length || best.apart / unit[edge] > walker.max_access_m + SLACK_M) return doors;
  const metres = best.drawn / unit[edge];
  return [[edge, metres, metres, (best.apart / unit[edge]) * walker.legPace]];
}

// The stretches of a piece that lie on a shape, as shares of the piece.
function sharesOn(parts, piece, { x, y }) {
  const [ax, ay, dx, dy] = [x[piece], y[piece], x[piece + 1] - x[piece], y[piece + 1] - y[piece]];
  const cuts = [0, 1], points = [];
  for (const { ring, points: corners } of parts) {
    for (let i = 0; i + 1 < corners.length; i += 1) {
      const [px, py] = corners[i], ex = corners[i + 1][0] - px, ey = corners[i + 1][1] - py, across = dx * ey - dy * ex;
      if (across === 0) continue;
      const share = ((px - ax) * ey - (py - ay) * ex) / across, other = ((px - ax) * dy - (py - ay) * dx) / across;
      if (share < 0 || share > 1 || other < 0 || other > 1) continue;
      (ring ? cuts : points).push(share);
    }
  }
  cuts.sort((a, b) => a - b);
  const shares = points.map((share) => [share, share]);
  for (let i = 0; i + 1 < cuts.length; i += 1) {
    const middle = (cuts[i] + cuts[i + 1]) / 2;
    if (cuts[i + 1] > cuts[i] && isWithin(ax + middle * dx, ay + middle * dy, parts)) shares.push([cuts[i], cuts[i + 1]]);
  }
  return shares;
}

// Whether a point lies in an area; what has `outside` is all that lies beyond it.
function isWithin(px, py, parts) {
  let inside = Boolean(parts.outside);
  for (const { ring, points } of parts) {
    for (let i = 0; ring && i + 1 < points.length; i += 1) {
      const [ax, ay] = points[i], [bx, by] = points[i + 1];
      if (ay > py !== by > py && px < ax + ((py - ay) / (by - ay)) * (bx - ax)) inside = !inside;
    }
  }
  return inside;
}

// How near a segment comes to a piece of an edge without touching it, and where on the edge.
function nearestTo(from, to, piece, ground) {
  const { x, y, along } = ground;
  const candidates = [from, to].map(([px, py]) => nearestOnPiece(ground, piece, px, py));
  const segment = { x: [from[0], to[0]], y: [from[1], to[1]], along: [0, 0] };
  for (const end of [piece, piece + 1]) candidates.push([nearestOnPiece(segment, 0, x[end], y[end])[0], along[end]]);
  const [apart, drawn] = candidates.reduce((a, b) => (b[0] < a[0] ? b : a));
  return { apart, drawn };
}
