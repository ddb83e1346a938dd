// Units judged by the shares of their people, as the audit judges them: for sure, and at best.

const TOLERANCE_S = 6e-5, TOLERANCE_M = 1e-3, TOLERANCE_SHARE = 1e-9;
const REACHED = 0, BEYOND_LIMIT = 1, NO_PATH = 2, NOT_SNAPPED = 3, NO_FACILITY = 4;

// Parts of the network that hang together for a walker, each by its first node.
function createParts(ground, walker) {
  const parent = new Int32Array(ground.baseNodes + SPARE_NODES).map((_, i) => i);
  const parts = {
    root(node) {
      let at = node;
      while (parent[at] !== at) at = parent[at] = parent[parent[at]];
      return at;
    },
    // Joins both ends of an edge; tells whether they were apart.
    join(edge) {
      if (walker.barred.has(edge)) return false;
      const a = parts.root(ground.u[edge]), b = parts.root(ground.v[edge]);
      parent[Math.max(a, b)] = Math.min(a, b);
      return a !== b;
    },
  };
  for (let e = 0; e < ground.m; e += 1) parts.join(e);
  return parts;
}

// All on which it depends what is known of homes whose walk stays as it was.
function outlookOf(lane) {
  const { ground, walker, doors } = lane, roots = new Set();
  for (const own of doors.values()) for (const [e] of own) roots.add(walker.parts.root(ground.u[e]));
  lane.roots = roots;
  return [doors.size > 0, lane.listed(), lane.doubtful().map(({ number }) => number), ...[...roots].sort((a, b) => a - b)].join();
}

function statusAt(lane, home) {
  const { ground, walker, walk, doors, roots } = lane, { first, edge } = walker.doors;
  if (!doors.size) return NO_FACILITY;
  if (walk[home] < Infinity) return REACHED;
  const leads = (e) => roots.has(walker.parts.root(ground.u[e]));
  const more = walker.moreByHome.get(home);
  if (first[home] === first[home + 1] && !more) return NOT_SNAPPED;
  for (let i = first[home]; i < first[home + 1]; i += 1) if (leads(edge[i])) return BEYOND_LIMIT;
  return more && more.some(leads) ? BEYOND_LIMIT : NO_PATH;
}

// A function that tells whether it is known of a home that nothing is in reach, where nothing is.
function knowing(lane, minutes, unsure) {
  const listed = lane.listed(), limit = minutes * 60 + TOLERANCE_S, { borderLane: border, besideBorder } = lane.walker;
  const doubtful = lane.doubtful(), metres = minutes * 60 * lane.walker.metres_per_second + TOLERANCE_M;
  return (home) => {
    if (unsure.has(home) || (border && border.walk[home] <= limit) || besideBorder.get(home) <= limit) return false;
    if (doubtful.some((facility) => metresTo(facility, home, lane) <= metres)) return false;
    const status = statusAt(lane, home);
    return status !== NO_PATH && status !== NOT_SNAPPED && (status !== NO_FACILITY || listed);
  };
}

// The straight line from a home to a facility, at the scale of the streets around.
function metresTo({ xy, parts }, home, { homes, ground }) {
  const px = homes.x[home], py = homes.y[home], lists = parts ?? [{ points: [xy] }];
  if (isWithin(px, py, lists)) return 0;
  let least = Infinity;
  for (const { points } of lists) {
    for (let i = 0; i < Math.max(1, points.length - 1); i += 1) {
      const [from, to] = [points[i], points[i + 1] ?? points[i]];
      least = Math.min(least, nearestOnPiece({ x: [from[0], to[0]], y: [from[1], to[1]], along: [0, 0] }, 0, px, py)[0]);
    }
  }
  return least / ground.unit[0];
}

// What a rule comes to at a home: its value, whether it passes, and whether that is known.
function measures(rule, lanes) {
  const limit = rule.minutes * 60 + TOLERANCE_S;
  const sure = lanes.map((lane, at) => knowing(lane, rule.minutes, rule.unsure[at]));
  if (rule.kind === "basket") {
    const value = (home) => lanes.reduce((sum, lane) => sum + (lane.walk[home] <= limit), 0);
    const perhaps = (home) => lanes.reduce((sum, lane, at) => sum + (lane.walk[home] <= limit || !sure[at](home)), 0);
    return { value, ok: (home) => value(home) >= rule.threshold, known: (home) => perhaps(home) < rule.threshold };
  }
  const [{ walk, counts }] = lanes;
  if (rule.kind === "reach") return { value: (home) => (walk[home] / 60) * rule.per_minute, ok: (home) => walk[home] <= limit, known: sure[0] };
  const count = counts.get(rule.rule);
  return { value: (home) => count[home], ok: (home) => count[home] >= rule.threshold, known: sure[0] };
}

// The homes of each unit that a rule is about, in rows by unit, and whose walks count.
function residentsOf(rule, { homes, parents }) {
  const number = new Int32Array(parents.length).fill(-1);
  rule.asked.forEach((row, i) => { number[row] = i; });
  const n = rule.asked.length, begin = new Int32Array(n + 1);
  const visit = (tell) => homes.unit.forEach((unit, home) => {
    for (let at = unit; at >= 0; at = parents[at]) if (number[at] >= 0) tell(number[at], home);
  });
  visit((unit) => { begin[unit + 1] += 1; });
  for (let i = 0; i < n; i += 1) begin[i + 1] += begin[i];
  const to = begin.slice(), home = new Int32Array(begin[n]);
  visit((unit, at) => { home[to[unit]++] = at; });
  const weight = Float64Array.from(home, (at) => homes.weight[at]), group = homes.groups[rule.group];
  if (group) {
    for (let unit = 0; unit < n; unit += 1) {
      const own = home.subarray(begin[unit], begin[unit + 1]);
      // One that is not told makes the sum missing, and everybody counts then.
      if (own.some((at) => Number.isNaN(group[at]))) continue;
      own.forEach((at, i) => { weight[begin[unit] + i] = group[at]; });
    }
  }
  return { n, begin, home, weight, number };
}

// The units whose homes have changed, or all.
function unitsToJudge(rule, { homes, parents }) {
  const { n, number } = rule.people;
  if (rule.stale === null || !rule.found) return Array.from({ length: n }, (_, i) => i);
  const units = new Set();
  for (const home of rule.stale) for (let at = homes.unit[home]; at >= 0; at = parents[at]) if (number[at] >= 0) units.add(number[at]);
  return units;
}

// Verdict, measure and shares of every unit that a rule is about; those that may be other than
// before are judged again.
function judgeRule(rule, trial) {
  rule.people ??= residentsOf(rule, trial);
  const lanes = rule.lanes.map((at) => trial.lanes[at]), told = measures(rule, lanes), { n } = rule.people;
  const units = unitsToJudge(rule, trial);
  rule.found ??= {
    verdict: new Array(n), measure: new Float64Array(n), minutes: new Float64Array(n), facility: new Int32Array(n),
    share_min: new Float64Array(n), share_max: new Float64Array(n), open: new Float64Array(n), affected: new Float64Array(n), covered: new Float64Array(n),
  };
  for (const unit of units) judgeUnit(unit, rule, trial, lanes, told);
  rule.stale = new Set();
  return rule.found;
}

function judgeUnit(unit, rule, trial, lanes, { value, ok, known }) {
  const { begin, home, weight } = rule.people, { found } = rule;
  let total = 0, sure = 0, open = 0, people = 0, passed = 0, unsure = 0;
  for (let i = begin[unit]; i < begin[unit + 1]; i += 1) {
    const at = home[i], who = trial.homes.weight[at];
    total += weight[i];
    people += who;
    if (ok(at)) {
      sure += weight[i];
      passed += who;
    } else if (!known(at)) {
      open += weight[i];
      unsure += who;
    }
  }
  const least = sure / total, most = (sure + open) / total;
  let verdict = "unknown";
  if (least >= rule.pass_share - TOLERANCE_SHARE) verdict = "covered";
  else if (most < rule.pass_share - TOLERANCE_SHARE) verdict = rule.doubtfulUnits.has(unit) ? "unknown" : "gap";
  const own = [home, weight, begin[unit], begin[unit + 1], rule.pass_share], sign = rule.kind === "reach" ? 1 : -1;
  const measure = sign * quantile((at) => sign * value(at), ...own), [{ walk, nearest }] = lanes;
  Object.entries({
    verdict, measure, share_min: least, share_max: most, covered: passed, open: unsure, affected: people - passed,
    minutes: rule.kind === "basket" ? NaN : rule.kind === "reach" && rule.per_minute === 1 ? measure : quantile((at) => walk[at] / 60, ...own),
    facility: rule.kind === "basket" ? -1 : mostCommon((at) => nearest[at], ...own),
  }).forEach(([name, figure]) => { found[name][unit] = figure; });
}

// The value that so large a share of a unit's people have at most.
function quantile(valueOf, home, weight, from, to, share) {
  const rows = [];
  let total = 0;
  for (let i = from; i < to; i += 1) {
    rows.push([valueOf(home[i]), weight[i]]);
    total += weight[i];
  }
  if (!(total > 0)) return NaN;
  // Two that are beyond every limit are no number apart.
  rows.sort(([a], [b]) => (a === b ? 0 : a - b));
  const wanted = total * (share - TOLERANCE_SHARE);
  let sum = 0;
  for (const [value, more] of rows) {
    sum += more;
    if (sum >= wanted) return value;
  }
  return rows.at(-1)[0];
}

function mostCommon(labelOf, home, weight, from, to) {
  const people = new Map();
  for (let i = from; i < to; i += 1) {
    const label = labelOf(home[i]);
    if (label >= 0 && weight[i] > 0) people.set(label, (people.get(label) ?? 0) + weight[i]);
  }
  let best = -1;
  for (const [label, sum] of people) if (best < 0 || sum > people.get(best) || (sum === people.get(best) && label < best)) best = label;
  return best;
}
