// Walk times from every node to the nearest facility of a lane, and from there to homes.

// A heap of nodes by rising time; a node may stand in it more than once.
function createHeap() {
  let times = new Float64Array(1024), nodes = new Int32Array(1024), size = 0;
  return {
    get size() { return size; },
    push(time, node) {
      if (size === nodes.length) {
        const [moreTimes, moreNodes] = [new Float64Array(2 * size), new Int32Array(2 * size)];
        moreTimes.set(times);
        moreNodes.set(nodes);
        [times, nodes] = [moreTimes, moreNodes];
      }
      let child = size++;
      while (child > 0) {
        const parent = (child - 1) >> 1;
        if (times[parent] <= time) break;
        times[child] = times[parent];
        nodes[child] = nodes[parent];
        child = parent;
      }
      times[child] = time;
      nodes[child] = node;
    },
    least: () => times[0],
    pop() {
      const top = nodes[0], time = times[--size], node = nodes[size];
      for (let parent = 0; ;) {
        let child = 2 * parent + 1;
        if (child >= size) {
          times[parent] = time;
          nodes[parent] = node;
          break;
        }
        if (child + 1 < size && times[child + 1] < times[child]) child += 1;
        if (times[child] >= time) {
          times[parent] = time;
          nodes[parent] = node;
          break;
        }
        times[parent] = times[child];
        nodes[parent] = nodes[child];
        parent = child;
      }
      return top;
    },
  };
}

// Puts a facility's doors into the heap: it starts at both ends of every edge it joins.
function startFrom(doors, label, { ground, walker, time, owner, heap, limit }) {
  const lower = (node, seconds) => {
    if (seconds > limit || seconds >= time[node]) return;
    time[node] = seconds;
    owner[node] = label;
    heap.push(seconds, node);
  };
  for (const [edge, start, stop, leg] of doors) {
    lower(ground.u[edge], leg + start * walker.pace);
    lower(ground.v[edge], leg + Math.max(ground.length[edge] - stop, 0) * walker.pace);
  }
}

// Passes times on until no node is reached sooner. `touched` is told each node once or more.
function relax({ ground, walker, time, owner, heap, limit }, touched) {
  const { u, v, length, arcFirst, arcEdge, later } = ground;
  const { pace, barred } = walker;
  const some = barred.size > 0, grown = later.size > 0;
  const follow = (edge, node, spent) => {
    if (some && barred.has(edge)) return;
    const there = u[edge] === node ? v[edge] : u[edge], total = spent + length[edge] * pace;
    if (total > limit || total >= time[there]) return;
    time[there] = total;
    owner[there] = owner[node];
    heap.push(total, there);
  };
  while (heap.size) {
    const spent = heap.least(), node = heap.pop();
    if (spent > time[node]) continue;
    if (touched) touched(node);
    for (let i = arcFirst[node]; i < arcFirst[node + 1]; i += 1) follow(arcEdge[i], node, spent);
    if (grown && later.has(node)) for (const edge of later.get(node)) follow(edge, node, spent);
  }
}

// Searches a lane from all its facilities.
function searchLane(lane) {
  lane.time.fill(Infinity);
  lane.owner.fill(-1);
  for (const [label, doors] of lane.doors) startFrom(doors, label, lane);
  relax(lane);
}

// Takes a facility out: what was nearest to it is searched again from its surroundings.
function leaveOut(lane, label, touched) {
  const { ground, time, owner, heap } = lane;
  const gone = [];
  for (let node = 0; node < ground.n; node += 1) {
    if (owner[node] !== label) continue;
    gone.push(node);
    touched(node);
    time[node] = Infinity;
    owner[node] = -1;
  }
  const push = (edge, node) => {
    const there = ground.u[edge] === node ? ground.v[edge] : ground.u[edge];
    if (time[there] < Infinity) heap.push(time[there], there);
  };
  for (const node of gone) {
    for (let i = ground.arcFirst[node]; i < ground.arcFirst[node + 1]; i += 1) push(ground.arcEdge[i], node);
    for (const edge of ground.later.get(node) ?? []) push(edge, node);
  }
  for (const [other, doors] of lane.doors) startFrom(doors, other, lane);
  relax(lane, touched);
}

// Homes with a door on a street that meets any of the nodes, or on a path.
function homesAt(nodes, { ground, walker }) {
  const { begin, door, owner } = walker.byEdge, homes = new Set(), seen = new Set();
  for (const node of nodes) {
    for (let i = ground.arcFirst[node]; i < ground.arcFirst[node + 1]; i += 1) {
      const e = ground.arcEdge[i];
      if (seen.has(e)) continue;
      seen.add(e);
      for (let at = begin[e]; at < begin[e + 1]; at += 1) homes.add(owner[door[at]]);
    }
  }
  for (const [home] of walker.moreDoors) homes.add(home);
  return homes;
}

// Looks up homes of which a node may have changed, or all; notes whose walk is another now.
function lookUp(lane, homes) {
  const { ground, walker, time, owner, limit, walk, nearest, doors, changed } = lane;
  const { first, edge, metres, leg } = walker.doors;
  const { u, v, length } = ground, { pace } = walker;
  const was = new Map();
  const look = (home) => {
    let best = Infinity, at = -1;
    for (let i = first[home]; i < first[home + 1]; i += 1) {
      const e = edge[i], back = leg[i] + metres[i] * pace + time[u[e]];
      const rest = length[e] - metres[i], on = leg[i] + (rest > 0 ? rest : 0) * pace + time[v[e]];
      if (back < best) { best = back; at = u[e]; }
      if (on < best) { best = on; at = v[e]; }
    }
    walk[home] = best;
    nearest[home] = at < 0 ? -1 : owner[at];
  };
  if (homes) {
    for (const home of homes) {
      was.set(home, [walk[home], nearest[home]]);
      look(home);
    }
  } else for (let home = 0; home < walk.length; home += 1) look(home);
  const lower = (home, seconds, label) => {
    if (seconds >= walk[home] || seconds > limit) return;
    if (homes && !was.has(home)) was.set(home, [walk[home], nearest[home]]);
    walk[home] = seconds;
    nearest[home] = label;
  };
  for (const [home, e, along, extra] of walker.moreDoors) {
    lower(home, extra + along * pace + time[u[e]], owner[u[e]]);
    lower(home, extra + Math.max(length[e] - along, 0) * pace + time[v[e]], owner[v[e]]);
  }
  for (const [label, own] of doors) meetOnEdges(lane, own, (home, seconds) => lower(home, seconds, label));
  const settle = (home) => {
    if (walk[home] <= limit) return;
    walk[home] = Infinity;
    nearest[home] = -1;
  };
  if (!homes) for (let home = 0; home < walk.length; home += 1) settle(home);
  for (const [home, [spent, label]] of was) {
    settle(home);
    if (walk[home] !== spent || nearest[home] !== label) changed.add(home);
  }
}

// Tells of homes on the same edge as a door of a facility: they need not pass its ends.
function meetOnEdges({ ground, walker }, doors, tell) {
  const { begin, door, owner } = walker.byEdge, { metres, leg } = walker.doors, { pace } = walker;
  const meet = (home, along, extra, [, start, stop, own]) => tell(home, extra + own + (Math.max(0, start - along) + Math.max(0, along - stop)) * pace);
  for (const own of doors) {
    const [edge] = own;
    if (edge < ground.baseEdges) {
      for (let i = begin[edge]; i < begin[edge + 1]; i += 1) meet(owner[door[i]], metres[door[i]], leg[door[i]], own);
    } else for (const [home, e, along, extra] of walker.moreDoors) if (e === edge) meet(home, along, extra, own);
  }
}

// Homes within so many seconds of one facility.
function homesWithin(lane, doors, seconds) {
  const { ground, walker } = lane, { first, edge, metres, leg } = walker.doors, { begin, door, owner } = walker.byEdge;
  const alone = { ...lane, limit: seconds, time: lane.room.time, owner: lane.room.owner };
  const nodes = [], homes = new Set();
  startFrom(doors, 0, alone);
  relax(alone, (node) => nodes.push(node));
  const { time } = alone, asked = new Set();
  const { u, v, length } = ground, { pace } = walker;
  const ask = (e) => {
    if (e < ground.baseEdges) for (let i = begin[e]; i < begin[e + 1]; i += 1) asked.add(owner[door[i]]);
  };
  for (const node of nodes) for (let i = ground.arcFirst[node]; i < ground.arcFirst[node + 1]; i += 1) ask(ground.arcEdge[i]);
  for (const home of asked) {
    for (let i = first[home]; i < first[home + 1]; i += 1) {
      const e = edge[i], rest = Math.max(length[e] - metres[i], 0);
      if (leg[i] + Math.min(metres[i] * pace + time[u[e]], rest * pace + time[v[e]]) <= seconds) { homes.add(home); break; }
    }
  }
  for (const [home, e, along, extra] of walker.moreDoors) {
    if (extra + Math.min(along * pace + time[u[e]], Math.max(length[e] - along, 0) * pace + time[v[e]]) <= seconds) homes.add(home);
  }
  meetOnEdges(lane, doors, (home, spent) => { if (spent <= seconds) homes.add(home); });
  for (const node of nodes) { time[node] = Infinity; }
  return homes;
}
