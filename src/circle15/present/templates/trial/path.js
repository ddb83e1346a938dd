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
    addDoors(walker, trial, before);
    walker.root = partsOf(ground, walker);
    if (walker.borderLane) searchFurther(walker.borderLane, trial, before);
  }
  for (const lane of trial.lanes) if (lane.ready) searchFurther(lane, trial, before);
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

// Doors on the new edges, of homes near them.
function addDoors(walker, trial, before) {
  const { x, y } = trial.homes, { ground } = trial;
  for (let e = before; e < ground.m; e += 1) if (walker.barred.has(ground.cutFrom.get(e))) walker.barred.add(e);
  const [left, right, low, high] = frameOf(ground, before, walker.max_access_m * ground.widest + 1);
  for (let home = 0; home < x.length; home += 1) {
    if (!(x[home] >= left && x[home] <= right && y[home] >= low && y[home] <= high)) continue;
    const found = walker.inReach(x[home], y[home], before);
    for (let i = 0; i < found.length; i += 3) walker.moreDoors.push([home, found[i], found[i + 1], found[i + 2] * walker.legPace]);
  }
}

function frameOf({ x, y, first, m }, before, wider) {
  const xs = x.subarray(first[before], first[m]), ys = y.subarray(first[before], first[m]);
  const [low, high] = [(values) => values.reduce((a, b) => Math.min(a, b)), (values) => values.reduce((a, b) => Math.max(a, b))];
  return [low(xs) - wider, high(xs) + wider, low(ys) - wider, high(ys) + wider];
}

// What a lane gains by new edges: from their ends onward, and from doors of facilities on them.
function searchFurther(lane, trial, before) {
  const { ground, time, heap } = lane;
  for (let e = before; e < ground.m; e += 1) for (const node of [ground.u[e], ground.v[e]]) if (time[node] < Infinity) heap.push(time[node], node);
  for (const [label, doors] of lane.doors) {
    const more = moreDoorsOf(label, doors, lane, trial, before);
    doors.push(...more);
    startFrom(more, label, lane);
  }
  relax(lane);
  lookUp(lane);
  for (const rule of countedIn(lane, trial)) countAll(lane, rule);
}

function moreDoorsOf(label, doors, { walker, ground }, trial, before) {
  const facility = trial.facilities[label];
  if (facility?.xy) return pointDoors(walker.inReach(...facility.xy, before), walker);
  return [];
}
