// Where homes and facilities join the network: every edge in reach, at the nearest position on it.

const SLACK_M = 2e-5; // coordinates are whole numbers, and a door at exactly the reach counts

// Where a point is nearest to a piece: how far it is, and how far along the edge as drawn.
function nearestOnPiece({ x, y, along }, piece, px, py) {
  const dx = x[piece + 1] - x[piece], dy = y[piece + 1] - y[piece], squared = dx * dx + dy * dy;
  const share = squared > 0 ? Math.min(1, Math.max(0, ((px - x[piece]) * dx + (py - y[piece]) * dy) / squared)) : 0;
  const ex = px - x[piece] - share * dx, ey = py - y[piece] - share * dy;
  return [Math.sqrt(ex * ex + ey * ey), along[piece] + share * Math.sqrt(squared)];
}

// A function that lists the usable edges in reach of a point: [edge, metres along, leg, ...].
function reacher(ground, walker) {
  const { grid, unit } = ground;
  const leg = new Float64Array(ground.u.length), offset = new Float64Array(ground.u.length), stamp = new Int32Array(ground.u.length);
  let turn = 0;
  return (px, py, least = 0) => {
    const reach = walker.max_access_m * ground.widest, found = [];
    turn += 1;
    const look = (edge, piece) => {
      if (edge < least || walker.barred.has(edge)) return;
      const [apart, drawn] = nearestOnPiece(ground, piece, px, py);
      const metres = apart / unit[edge];
      if (metres > walker.max_access_m + SLACK_M) return;
      if (stamp[edge] !== turn) found.push(edge);
      else if (metres >= leg[edge]) return;
      stamp[edge] = turn;
      leg[edge] = metres;
      offset[edge] = drawn / unit[edge];
    };
    if (least === 0) {
      const [left, right, low, high] = cellsAround(grid, px - reach, px + reach, py - reach, py + reach);
      for (let c = left; c <= right; c += 1) {
        for (let r = low; r <= high; r += 1) {
          const at = c * grid.rows + r;
          for (let i = grid.start[at]; i < grid.start[at + 1]; i += 1) look(grid.edgeOf[grid.pieces[i]], grid.pieces[i]);
        }
      }
    }
    for (let edge = Math.max(least, ground.baseEdges); edge < ground.m; edge += 1) {
      for (let i = ground.first[edge]; i < ground.first[edge + 1] - 1; i += 1) look(edge, i);
    }
    return found.flatMap((edge) => [edge, offset[edge], leg[edge]]);
  };
}

// Doors of many points in compressed rows by point. `metres` is along the edge, `leg` in seconds.
function doorsOf(xs, ys, inReach, walker) {
  const n = xs.length, first = new Int32Array(n + 1);
  let room = n * 16 + 16, edge = new Int32Array(room), metres = new Float64Array(room), leg = new Float64Array(room);
  const grown = (old, Kind) => { const more = new Kind(room); more.set(old); return more; };
  for (let i = 0, filled = 0; i < n; i += 1) {
    const found = inReach(xs[i], ys[i]);
    if (filled + found.length > room) {
      room = room * 2 + found.length;
      [edge, metres, leg] = [grown(edge, Int32Array), grown(metres, Float64Array), grown(leg, Float64Array)];
    }
    for (let j = 0; j < found.length; j += 3, filled += 1) {
      edge[filled] = found[j];
      metres[filled] = found[j + 1];
      leg[filled] = found[j + 2] * walker.legPace;
    }
    first[i + 1] = filled;
  }
  return { first, edge: edge.slice(0, first[n]), metres: metres.slice(0, first[n]), leg: leg.slice(0, first[n]) };
}

// Which doors are on each edge, and whose they are.
function doorsByEdge({ first, edge }, m) {
  const begin = new Int32Array(m + 1), owner = new Int32Array(edge.length);
  for (let i = 0; i < edge.length; i += 1) begin[edge[i] + 1] += 1;
  for (let i = 0; i < m; i += 1) begin[i + 1] += begin[i];
  const to = begin.slice(), door = new Int32Array(edge.length);
  for (let i = 0; i < edge.length; i += 1) door[to[edge[i]]++] = i;
  for (let home = 0; home < first.length - 1; home += 1) owner.fill(home, first[home], first[home + 1]);
  return { begin, door, owner };
}

// Doors that the audit found, as [edge, start, stop, leg in seconds] for each place.
function givenDoors({ of, edge, start, stop, leg }, walker) {
  const doors = new Map();
  of.forEach((place, i) => {
    if (!doors.has(place)) doors.set(place, []);
    doors.get(place).push([edge[i], start[i] / 1e6, (start[i] + stop[i]) / 1e6, (leg[i] / 1e6) * walker.legPace]);
  });
  return doors;
}

function pointDoors(found, walker) {
  const doors = [];
  for (let i = 0; i < found.length; i += 3) doors.push([found[i], found[i + 1], found[i + 1], found[i + 2] * walker.legPace]);
  return doors;
}

// The nearest edge to a point, how far along it as drawn, and the piece; cut edges are gone.
function nearestEdge(ground, px, py) {
  const { grid } = ground;
  let best = { apart: Infinity };
  const look = (edge, piece) => {
    if (ground.cut[edge]) return;
    const [apart, drawn] = nearestOnPiece(ground, piece, px, py);
    if (apart < best.apart) best = { apart, edge, piece, drawn };
  };
  for (let reach = grid.cell; ; reach *= 2) {
    const [left, right, low, high] = cellsAround(grid, px - reach, px + reach, py - reach, py + reach);
    for (let c = left; c <= right; c += 1) {
      for (let r = low; r <= high; r += 1) {
        const at = c * grid.rows + r;
        for (let i = grid.start[at]; i < grid.start[at + 1]; i += 1) look(grid.edgeOf[grid.pieces[i]], grid.pieces[i]);
      }
    }
    if (best.apart <= reach || (right - left + 1 === grid.columns && high - low + 1 === grid.rows)) break;
  }
  for (let edge = ground.baseEdges; edge < ground.m; edge += 1) {
    for (let i = ground.first[edge]; i < ground.first[edge + 1] - 1; i += 1) look(edge, i);
  }
  return best;
}
