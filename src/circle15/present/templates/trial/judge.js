// Units judged by the shares of their people, as the audit judges them: for sure, and at best.

const TOLERANCE_S = 6e-5, TOLERANCE_SHARE = 1e-9;
const REACHED = 0, BEYOND_LIMIT = 1, NO_PATH = 2, NOT_SNAPPED = 3, NO_FACILITY = 4;

// Parts of the network that hang together for a walker: the root of each node.
function partsOf(ground, walker) {
  const parent = new Int32Array(ground.x ? ground.n + SPARE_NODES : 0).map((_, i) => i);
  const root = (node) => {
    while (parent[node] !== node) node = parent[node] = parent[parent[node]];
    return node;
  };
  for (let e = 0; e < ground.m; e += 1) {
    if (walker.barred.has(e)) continue;
    const a = root(ground.u[e]), b = root(ground.v[e]);
    if (a !== b) parent[a] = b;
  }
  return root;
}

// What became of each home under a lane.
function statusOf(lane) {
  const { ground, walker, walk, doors } = lane, { first, edge } = walker.doors;
  const status = new Uint8Array(walk.length), root = walker.root;
  if (!doors.size) return status.fill(NO_FACILITY);
  const reached = new Set();
  for (const own of doors.values()) for (const [e] of own) reached.add(root(ground.u[e]));
  const more = new Map();
  for (const [home, e] of walker.moreDoors) more.set(home, [...(more.get(home) ?? []), e]);
  for (let home = 0; home < walk.length; home += 1) {
    if (walk[home] < Infinity) continue;
    const own = [...edge.subarray(first[home], first[home + 1]), ...(more.get(home) ?? [])];
    if (!own.length) status[home] = NOT_SNAPPED;
    else status[home] = own.some((e) => reached.has(root(ground.u[e]))) ? BEYOND_LIMIT : NO_PATH;
  }
  return status;
}

// Whether it is known of a home that nothing is in reach, where nothing is.
function knownAt(lane, minutes, unsure) {
  const { walk, walker, ground } = lane;
  const status = statusOf(lane), known = new Uint8Array(walk.length);
  const doubtful = lane.doubtful(), listed = lane.listed(), limit = minutes * 60 + TOLERANCE_S;
  if (doubtful) return known;
  const border = walker.borderLane ? walker.borderLane.walk : null;
  for (let home = 0; home < walk.length; home += 1) {
    if (status[home] === NO_PATH || status[home] === NOT_SNAPPED || (status[home] === NO_FACILITY && !listed)) continue;
    known[home] = border && border[home] <= limit ? 0 : 1;
  }
  for (const home of unsure) known[home] = 0;
  return known;
}

// What a rule comes to at each home: its value, whether it passes, whether that is known.
function atHomes(rule, lanes) {
  const n = lanes[0].walk.length, limit = rule.minutes * 60 + TOLERANCE_S;
  const value = new Float64Array(n), ok = new Uint8Array(n), known = new Uint8Array(n);
  if (rule.kind === "basket") {
    const perhaps = new Uint16Array(n);
    lanes.forEach((lane, at) => {
      const sure = knownAt(lane, rule.minutes, rule.unsure[at]);
      for (let home = 0; home < n; home += 1) {
        const has = lane.walk[home] <= limit;
        value[home] += has;
        perhaps[home] += has || !sure[home];
      }
    });
    for (let home = 0; home < n; home += 1) {
      ok[home] = value[home] >= rule.threshold;
      known[home] = ok[home] || perhaps[home] < rule.threshold;
    }
    return { value, ok, known };
  }
  const [lane] = lanes, sure = knownAt(lane, rule.minutes, rule.unsure[0]);
  for (let home = 0; home < n; home += 1) {
    value[home] = rule.kind === "reach" ? (lane.walk[home] / 60) * rule.per_minute : lane.counts.get(rule.rule)[home];
    ok[home] = rule.kind === "reach" ? lane.walk[home] <= limit : value[home] >= rule.threshold;
  }
  return { value, ok, known: sure };
}

// The homes of each unit that a rule is about, in rows by unit, and whose walks count.
function peopleOf(rule, { homes, parents }) {
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
  return { n, begin, home, weight };
}

// Verdict, measure and shares of every unit that a rule is about.
function judgeRule(rule, trial) {
  const lanes = rule.lanes.map((at) => trial.lanes[at]);
  const { value, ok, known } = atHomes(rule, lanes);
  const { n, begin, home, weight } = (rule.people ??= peopleOf(rule, trial));
  const found = {
    verdict: new Array(n), measure: new Float64Array(n), minutes: new Float64Array(n), facility: new Int32Array(n),
    share_min: new Float64Array(n), share_max: new Float64Array(n), affected: new Float64Array(n), covered: new Float64Array(n),
  };
  const doubtful = new Set(rule.doubtful), sign = rule.kind === "reach" ? 1 : -1;
  for (let unit = 0; unit < n; unit += 1) {
    let total = 0, sure = 0, open = 0, people = 0, passed = 0;
    for (let i = begin[unit]; i < begin[unit + 1]; i += 1) {
      const at = home[i];
      total += weight[i];
      people += trial.homes.weight[at];
      if (ok[at]) { sure += weight[i]; passed += trial.homes.weight[at]; } else if (!known[at]) open += weight[i];
    }
    const least = sure / total, most = (sure + open) / total;
    let verdict = "unknown";
    if (least >= rule.pass_share - TOLERANCE_SHARE) verdict = "covered";
    else if (most < rule.pass_share - TOLERANCE_SHARE) verdict = doubtful.has(unit) ? "unknown" : "gap";
    found.verdict[unit] = verdict;
    found.share_min[unit] = least;
    found.share_max[unit] = most;
    found.covered[unit] = passed;
    found.affected[unit] = people - passed;
    const own = [home, weight, begin[unit], begin[unit + 1], rule.pass_share];
    found.measure[unit] = sign * quantile((at) => sign * value[at], ...own);
    found.minutes[unit] = rule.kind === "basket" ? NaN : rule.per_minute === 1 && rule.kind === "reach" ? found.measure[unit] : quantile((at) => lanes[0].walk[at] / 60, ...own);
    found.facility[unit] = rule.kind === "basket" ? -1 : mostCommon((at) => lanes[0].nearest[at], ...own);
  }
  return found;
}

// The value that so large a share of a unit's people have at most.
function quantile(valueOf, home, weight, from, to, share) {
  const rows = Array.from({ length: to - from }, (_, i) => from + i).sort((a, b) => valueOf(home[a]) - valueOf(home[b]) || 0);
  const total = rows.reduce((sum, row) => sum + weight[row], 0);
  if (!(total > 0)) return NaN;
  const wanted = total * (share - TOLERANCE_SHARE);
  let sum = 0;
  for (const row of rows) {
    sum += weight[row];
    if (sum >= wanted) return valueOf(home[row]);
  }
  return valueOf(home[rows[rows.length - 1]]);
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
