// Changes that are tried: what the page searches and judges again, and how it goes back.

// Everything that changes are tried on. Lanes are searched when a change first asks for them.
function createTrial(coded, categories) {
  const ground = buildGround(coded);
  const limit = coded.limit_min * 60 + TOLERANCE_S;
  const trial = { ground, limit, parents: coded.parents, changes: [], were: [], numbered: 0, facilities: [] };
  trial.rules = coded.rules.map((rule) => ({ ...rule, ...askedOf(rule, coded), unsure: rule.unsure.map((homes) => new Set(homes)), doubtfulUnits: new Set(rule.doubtful), stale: null }));
  trial.homes = placeHomes(coded.homes, ground);
  trial.walkers = coded.walkers.map((walker) => placeWalker(walker, trial));
  trial.lanes = coded.lanes.map((lane) => createLane(lane, trial));
  trial.base = placeFacilities(coded.facilities, categories, trial);
  trial.room = { time: new Float64Array(ground.n + SPARE_NODES).fill(Infinity), owner: new Int32Array(ground.n + SPARE_NODES) };
  trial.facilities = trial.base.slice();
  return trial;
}

// The units that a rule is about, and where the page has them.
function askedOf({ asked }, { rows }) {
  const units = Array.from(runningSums(asked));
  return { asked: units, rows: units.map((unit) => rows[unit]) };
}

function spotsOf({ scale, x, y }, project) {
  const xs = new Float64Array(x.length), ys = new Float64Array(y.length);
  for (let i = 0, east = 0, north = 0; i < x.length; i += 1) {
    east += x[i];
    north += y[i];
    [xs[i], ys[i]] = project(east / scale, north / scale);
  }
  return { x: xs, y: ys };
}

function numbers(text) {
  return new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
}

// Homes without a place stand last and join no street.
function placeHomes({ places: coded, unit, weight, groups, people_known: known }, { project }) {
  const { x, y } = spotsOf(coded, project), n = unit.length;
  const filled = (values) => { const all = new Float64Array(n).fill(NaN); all.set(values); return all; };
  return {
    x: filled(x), y: filled(y), unit: runningSums(unit), weight: numbers(weight), known,
    groups: Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, numbers(text)])),
  };
}

function placeWalker(coded, trial) {
  const walker = { ...coded, barred: new Set(runningSums(coded.barred)), pace: 1 / coded.metres_per_second, legPace: coded.access_detour / coded.metres_per_second, moreDoors: [], moreByHome: new Map() };
  walker.inReach = reacher(trial.ground, walker);
  walker.doors = doorsOf(trial.homes.x, trial.homes.y, walker.inReach, walker);
  walker.byEdge = doorsByEdge(walker.doors, trial.ground.baseEdges);
  walker.parts = createParts(trial.ground, walker);
  walker.besideBorder = new Map(coded.beside_border.home.map((home, i) => [home, (coded.beside_border.metres[i] / 1e6) * walker.legPace]));
  walker.borderDoors = givenDoors(coded.border, walker).get(0) ?? [];
  walker.beyond = { parts: Object.assign(partsOf(coded.known_area, trial.ground).get(0) ?? [], { outside: true }) };
  return walker;
}

// The lists of points that make up what is larger than a point, by its number.
function partsOf({ of, ring, points, places: coded }, { project }) {
  const { x, y } = spotsOf(coded, project), parts = new Map();
  let from = 0;
  of.forEach((owner, i) => {
    const at = from;
    if (!parts.has(owner)) parts.set(owner, []);
    parts.get(owner).push({ ring: ring[i] === 1, points: Array.from({ length: points[i] }, (_, j) => [x[at + j], y[at + j]]) });
    from += points[i];
  });
  return parts;
}

// What is larger than a point has its doors from the audit, and its shape for paths beside it.
function placeFacilities({ point, places: coded, doors, shapes, tier }, categories, { ground, walkers }) {
  const { x, y } = spotsOf(coded, ground.project), at = new Map(point.map((facility, i) => [facility, i]));
  const given = doors.map((of, i) => givenDoors(of, walkers[i])), parts = partsOf(shapes, ground);
  return categories.map((category, facility) => {
    const i = at.get(facility);
    if (i !== undefined) return { category, tier: tier[facility], xy: [x[i], y[i]] };
    return { category, tier: tier[facility], parts: parts.get(facility), doors: given.map((of) => of.get(facility) ?? []) };
  });
}

function createLane(coded, trial) {
  const { ground, limit } = trial, walker = trial.walkers[coded.walker];
  const counts = (facility) => coded.categories.includes(facility.category);
  return {
    ...coded, ground, walker, limit, ready: false, changed: new Set(), counts: new Map(), doors: new Map(), heap: createHeap(),
    takes: (facility) => counts(facility) && (coded.tier === null || facility.tier === coded.tier),
    homes: trial.homes,
    // Facilities of which it is not known whether they count.
    doubtful: () => (coded.tier === null ? [] : trial.facilities.filter((facility) => facility && counts(facility) && facility.tier === null)),
    listed: () => coded.listed || trial.facilities.some((facility) => facility && counts(facility)),
  };
}

function doorsFor(facility, trial, walker) {
  if (facility.doors) return facility.doors[trial.walkers.indexOf(walker)].slice();
  return pointDoors(walker.inReach(...facility.xy), walker);
}

// Searches a lane for the first time; the border is one that nothing is ever added to.
function prepareLane(lane, trial, doors) {
  const { n } = trial.ground;
  Object.assign(lane, {
    ready: true, room: trial.room,
    time: new Float64Array(n + SPARE_NODES), owner: new Int32Array(n + SPARE_NODES),
    walk: new Float64Array(trial.homes.unit.length), nearest: new Int32Array(trial.homes.unit.length),
  });
  lane.doors = doors ?? new Map();
  lane.isBorder = Boolean(doors);
  if (!doors) trial.facilities.forEach((facility, label) => { if (facility && lane.takes(facility)) lane.doors.set(label, doorsFor(facility, trial, lane.walker)); });
  searchLane(lane);
  lookUp(lane);
  lane.outlook = doors ? "" : outlookOf(lane);
  for (const rule of countedIn(lane, trial)) countAll(lane, rule);
}

function countAll(lane, rule) {
  lane.counts.set(rule.rule, new Float64Array(lane.walk.length));
  for (const doors of lane.doors.values()) count(lane, rule, doors, 1);
}

function count(lane, rule, doors, step) {
  const counts = lane.counts.get(rule.rule);
  for (const home of homesWithin(lane, doors, rule.minutes * 60 + TOLERANCE_S)) {
    counts[home] += step;
    lane.changed.add(home);
  }
}

function borderLane(walker, trial) {
  if (walker.borderLane === undefined && walker.beyond.parts.length) {
    walker.borderLane = { ground: trial.ground, walker, limit: trial.limit, changed: new Set(), counts: new Map(), heap: createHeap() };
    prepareLane(walker.borderLane, trial, new Map([[0, walker.borderDoors.slice()]]));
  }
}

// The rules that a change of a category, or of the streets (null), may touch.
function touchedBy(category, trial) {
  return trial.rules.filter((rule) => category === null || rule.lanes.some((at) => trial.lanes[at].categories.includes(category)));
}

// Makes the lanes of rules ready, so that a change is answered at once.
function prepare(rules, trial) {
  for (const rule of rules) {
    for (const at of rule.lanes) {
      const lane = trial.lanes[at];
      borderLane(lane.walker, trial);
      if (lane.ready) continue;
      prepareLane(lane, trial);
      for (const other of trial.rules) if (other.lanes.includes(at)) other.stale = null;
    }
    judgeRule(rule, trial);
  }
}

// Notes for each rule of whose homes a change may have made something else.
function noteChanges(rules, trial) {
  for (const lane of trial.lanes) {
    if (!lane.ready) continue;
    const outlook = outlookOf(lane), all = outlook !== lane.outlook;
    lane.outlook = outlook;
    for (const rule of rules) {
      if (!rule.lanes.some((at) => trial.lanes[at] === lane)) continue;
      if (all) rule.stale = null;
      else if (rule.stale) for (const home of lane.changed) rule.stale.add(home);
    }
    lane.changed.clear();
  }
}

// Makes one more change and gives back the rules that it touched.
function tryChange(change, trial) {
  const category = change.action === "path" ? null : change.action === "add" ? change.category : trial.facilities[change.facility].category;
  const rules = touchedBy(category, trial);
  prepare(rules, trial);
  if (change.action === "path") tryPath(change.coordinates, trial);
  if (change.action === "move" || change.action === "remove") {
    trial.were.push(trial.facilities[change.facility]);
    takeOut(change.facility, trial);
  }
  if (change.action === "add") putIn(trial.facilities.length, { category, tier: null, xy: trial.ground.project(change.lon, change.lat) }, trial);
  if (change.action === "move") putIn(change.facility, { ...trial.were.at(-1), doors: undefined, parts: undefined, xy: trial.ground.project(change.lon, change.lat) }, trial);
  trial.changes.push(change);
  noteChanges(rules, trial);
  return rules;
}

function putIn(label, facility, trial) {
  // No two places of a facility are the same to those who ask what has changed.
  trial.facilities[label] = { ...facility, number: (trial.numbered += 1) };
  for (const lane of trial.lanes) {
    if (!lane.ready || !lane.takes(facility)) continue;
    const doors = doorsFor(facility, trial, lane.walker);
    const touched = [];
    lane.doors.set(label, doors);
    startFrom(doors, label, lane);
    relax(lane, (node) => touched.push(node));
    lookUp(lane, homesAt(touched, lane));
    for (const rule of countedIn(lane, trial)) count(lane, rule, doors, 1);
  }
}

function takeOut(label, trial) {
  trial.facilities[label] = null;
  for (const lane of trial.lanes) {
    const doors = lane.doors.get(label);
    if (!lane.ready || !doors) continue;
    for (const rule of countedIn(lane, trial)) count(lane, rule, doors, -1);
    lane.doors.delete(label);
    const touched = [], beside = new Set();
    meetOnEdges(lane, doors, (home) => beside.add(home));
    leaveOut(lane, label, (node) => touched.push(node));
    lookUp(lane, new Set([...homesAt(touched, lane), ...beside]));
  }
}

function countedIn(lane, trial) {
  return trial.rules.filter((rule) => rule.kind === "count_within" && trial.lanes[rule.lanes[0]] === lane);
}

// Takes back the last change and gives back the rules that it touched. Where that was a path
// all that came before is made again from the start.
function undo(trial) {
  const change = trial.changes.pop(), label = change.action === "add" ? trial.facilities.length - 1 : change.facility;
  if (change.action === "path") {
    const changes = trial.changes;
    startAgain(trial);
    for (const earlier of changes) tryChange(earlier, trial);
    prepare(trial.rules, trial);
    return trial.rules;
  }
  if (change.action !== "remove") takeOut(label, trial);
  if (change.action === "add") trial.facilities.pop();
  else putIn(label, trial.were.pop(), trial);
  const rules = touchedBy(change.action === "add" ? change.category : trial.facilities[label].category, trial);
  noteChanges(rules, trial);
  return rules;
}

function startAgain(trial) {
  clearPaths(trial.ground);
  Object.assign(trial, { changes: [], were: [] });
  trial.facilities = trial.base.slice();
  for (const walker of trial.walkers) {
    walker.moreDoors = [];
    for (const edge of walker.barred) if (edge >= trial.ground.baseEdges) walker.barred.delete(edge);
    walker.moreByHome = new Map();
    walker.parts = createParts(trial.ground, walker);
    walker.borderLane = undefined;
  }
  for (const lane of trial.lanes) {
    lane.ready = false;
    lane.counts.clear();
  }
}
