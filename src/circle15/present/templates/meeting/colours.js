// Classes of a theme: colour, words, and which unit lies in which. The side of the limit is the
// audit's verdict; minutes only choose the shade. Blue within, orange beyond, hatched unknown:
// told apart with any kind of colour vision, and by lightness within each side.

const WITHIN = ["#1f5c94", "#4a8fc4", "#a9cde6"];
const BEYOND = ["#f8d3a4", "#ef9f52", "#cf6318", "#8c3a0b"];
const COVERED = "#4a8fc4";
const GAP = "#e3812f";
// What has no verdict recedes into the paper, which is dark at night.
const PALE = {
  light: {
    unknown: { colour: "#e3e4e6", hatch: "#9299a1" },
    not_asked: { colour: "#d6d9dd" },
    some_unknown: { colour: "#cfe0ee", hatch: "#6f8fab" },
  },
  dark: {
    unknown: { colour: "#3a424c", hatch: "#838c97" },
    not_asked: { colour: "#262c34" },
    some_unknown: { colour: "#2c4964", hatch: "#7fa3c4" },
  },
};

const OVERALL = -1;
const RANK = -2;

function pale(name) {
  return PALE[state.look][name];
}

function classesOf(theme, mode) {
  const classes = theme === OVERALL ? overallClasses() : theme === RANK ? rankClasses()
    : shaded(theme, mode) ? (data.rules[theme].of ? countClasses(theme) : minuteClasses(theme)) : verdictClasses(theme);
  const asked = theme < 0 ? (unit) => data.tallies[unit].asked > 0 : (unit) => verdictOf(theme, unit) !== "not_asked";
  if (data.units.ids.every((_, unit) => asked(unit))) return classes;
  return [...classes, { key: "not_asked", ...pale("not_asked"), mark: MARKS.not_asked, text: () => word("legend.not_asked"), has: (unit) => !asked(unit) }];
}

// Shades tell how long the walk is, or how many of a basket are near; of other rules the verdict says it all.
function shaded(theme, mode) {
  return mode === "minutes" && canShade(theme);
}

function canShade(theme) {
  return theme >= 0 && (data.rules[theme].minutes !== null || data.rules[theme].of !== null);
}

function unknownClass(has) {
  return { key: "unknown", ...pale("unknown"), mark: MARKS.unknown, text: () => word("verdict.unknown"), has };
}

function verdictClasses(theme) {
  const is = (verdict) => (unit) => verdictOf(theme, unit) === verdict;
  return [
    { key: "covered", colour: COVERED, mark: MARKS.covered, text: () => word("verdict.covered"), has: is("covered") },
    { key: "gap", colour: GAP, mark: MARKS.gap, text: () => word("verdict.gap"), has: is("gap") },
    unknownClass(is("unknown")),
  ];
}

function minuteClasses(theme) {
  const limit = data.rules[theme].minutes;
  const whole = (thirds) => Math.round((thirds * limit) / 3);
  const inside = [whole(1), whole(2), limit].filter((edge, i, all) => edge > (all[i - 1] ?? 0) && edge <= limit);
  // Nobody walks longer than the search went; steps beyond that would hold nobody.
  const outside = [whole(4), whole(6)].filter((edge, i, all) => edge > (all[i - 1] ?? limit) && edge < data.measures.limit_min);
  const ladder = (verdict, edges, colours, from) => edges.map((high, i) => ({
    low: i ? edges[i - 1] : from, high, colour: colours[i], verdict, mark: MARKS[verdict],
  }));
  const steps = [
    ...ladder("covered", inside, WITHIN, 0),
    ...ladder("gap", [...outside, Infinity], BEYOND, limit),
  ];
  const classes = steps.map((step) => ({
    key: `${step.verdict}-${plainNumber(step.low)}`,
    colour: step.colour,
    mark: step.mark,
    text: () => stepText(step),
    has: (unit) => inStep(step, theme, unit, limit),
  }));
  const gone = (unit) => verdictOf(theme, unit) === "gap" && data.measures.measure[theme][unit] < 0;
  const last = { key: "gap-not-reached", colour: BEYOND[3], mark: MARKS.gap, text: () => word("legend.not_reached"), has: gone };
  return [...classes, last, unknownClass((unit) => verdictOf(theme, unit) === "unknown")];
}

function stepText({ low, high }) {
  const values = { low: plainNumber(low), high: plainNumber(high) };
  if (low === 0) return word("legend.up_to", values);
  return word(high === Infinity ? "legend.over" : "legend.between", values);
}

function inStep({ low, high, verdict }, theme, unit, limit) {
  if (verdictOf(theme, unit) !== verdict) return false;
  const tenths = data.measures.measure[theme][unit];
  if (tenths < 0) return verdict === "covered" && low === 0;
  const minutes = tenths / 10;
  // The steps that touch the limit take whatever the verdict puts on their side of it.
  return (minutes > low || low === 0 || low === limit) && (minutes <= high || high === limit);
}

// Of a basket: how many of its categories are near, those that are enough in blue.
function countClasses(theme) {
  const { of, digits } = data.rules[theme];
  const count = (unit) => Math.round(data.measures.measure[theme][unit] / 10 ** digits);
  const ladder = (verdict, colours) => {
    const counts = distinctNumbers(data.units.ids.flatMap((_, unit) => (verdictOf(theme, unit) === verdict ? [Math.max(0, count(unit))] : [])));
    const steps = inSteps(counts, colours.length);
    return steps.map(([low, high], i) => ({
      key: `${verdict}-${low}`, mark: MARKS[verdict], colour: colours[spread(i, steps.length, colours.length)],
      text: () => word(low === high ? "legend.count" : "legend.counts", { low, high, of }),
      has: (unit) => verdictOf(theme, unit) === verdict && Math.max(0, count(unit)) >= low && Math.max(0, count(unit)) <= high,
    }));
  };
  return [...ladder("covered", [...WITHIN].reverse()).reverse(), ...ladder("gap", [...BEYOND].reverse()).reverse(),
    unknownClass((unit) => verdictOf(theme, unit) === "unknown")];
}

function distinctNumbers(values) {
  return [...new Set(values)].sort((a, b) => a - b);
}

// Cuts rising numbers into at most so many steps of about as many numbers each.
function inSteps(numbers, most) {
  const n = Math.min(most, numbers.length);
  return Array.from({ length: n }, (_, i) => {
    const from = Math.floor((i * numbers.length) / n), to = Math.floor(((i + 1) * numbers.length) / n);
    return [numbers[from], numbers[to - 1]];
  });
}

// Which of so many colours the i-th of n steps has, from the first to the last.
function spread(i, n, colours) {
  return n === 1 ? Math.floor(colours / 2) : Math.round((i * (colours - 1)) / (n - 1));
}

// Units by their worst row in the ledger, which stands worst first.
function rankClasses() {
  const last = data.worst.size;
  const edges = [0, 10, 30, 100].filter((edge) => edge < last);
  const steps = edges.map((low, i) => [low + 1, Math.min(edges[i + 1] ?? last, last)]);
  const classes = steps.map(([low, high], i) => ({
    key: `rank-${low}`, mark: MARKS.gap, colour: BEYOND[BEYOND.length - 1 - i],
    text: () => word("legend.ranks", { low: figure(low), high: figure(high) }),
    has: (unit) => data.worst.get(unit) >= low && data.worst.get(unit) <= high,
  }));
  const unknown = (unit) => !data.worst.has(unit) && data.tallies[unit].unknown > 0;
  const clear = (unit) => !data.worst.has(unit) && data.tallies[unit].asked > 0 && !data.tallies[unit].unknown;
  return [...classes, { key: "met", colour: COVERED, mark: MARKS.covered, text: () => word("legend.no_gap"), has: clear },
    { ...unknownClass(unknown), text: () => word("legend.no_gap_some_unknown") }];
}

// The place of each unit with a gap: the first is the unit that the ledger names first.
function worstFirst() {
  const { unit, rule } = data.ledger;
  const places = new Map();
  unit.forEach((at, row) => {
    if (at < data.units.ids.length && !places.has(at) && verdictOf(rule[row], at) === "gap") places.set(at, places.size + 1);
  });
  return places;
}

// How many of the rules that are about a unit it meets.
function tally(unit) {
  const counts = [0, 0, 0, 0];
  for (const verdicts of data.measures.verdict) counts[verdicts[unit] + 1] += 1;
  const [, unknown, gap, covered] = counts;
  return { covered, gap, unknown, asked: covered + gap + unknown };
}

function overallClasses() {
  const missed = missedSteps();
  const classes = missed.map(([low, high], i) => ({
    key: `missed-${low}`,
    colour: BEYOND[spread(i, missed.length, BEYOND.length)],
    mark: MARKS.gap,
    text: () => missedText(low, high),
    has: (unit) => data.tallies[unit].gap >= low && data.tallies[unit].gap <= high,
  }));
  const is = (test) => (unit) => data.tallies[unit].asked > 0 && test(data.tallies[unit]);
  return [
    { key: "met", colour: COVERED, mark: MARKS.covered, text: () => word("legend.all_met"), has: is(({ covered, asked }) => covered === asked) },
    ...classes,
    { key: "met-unknown", ...pale("some_unknown"), mark: MARKS.unknown, text: () => word("legend.none_missed"), has: is(({ gap, unknown, covered }) => !gap && unknown > 0 && covered > 0) },
    { ...unknownClass(is(({ unknown, asked }) => unknown === asked)), text: () => word("legend.nothing_known") },
  ];
}

// Quarters of the units that miss a rule, by how many they miss; fewer steps where many miss as many.
function missedSteps() {
  const gaps = data.tallies.map(({ gap }) => gap).filter((gap) => gap > 0).sort((a, b) => a - b);
  const counts = distinctNumbers(gaps);
  if (counts.length <= BEYOND.length) return counts.map((n) => [n, n]);
  const highest = distinctNumbers([1, 2, 3, 4].map((i) => gaps[Math.ceil((i * gaps.length) / 4) - 1]));
  return highest.map((high, i) => [i ? highest[i - 1] + 1 : counts[0], high]);
}

function missedText(low, high) {
  if (high === 1) return word("legend.missed_one");
  return word(low === high ? "legend.missed_exact" : "legend.missed_some", { low, high });
}

// Classes with their units and people; a unit lies in one class. Units filtered out are not counted.
function classify(theme, mode) {
  const classes = classesOf(theme, mode).map((entry) => ({ ...entry, units: 0, people: 0, unpeopled: 0 }));
  const byUnit = data.units.ids.map((_, unit) => {
    const at = classes.findIndex((entry) => entry.has(unit));
    if (!data.inside[unit]) return at;
    const people = peopleOf(unit);
    classes[at].units += 1;
    if (people >= 0) classes[at].people += people / 10;
    else classes[at].unpeopled += 1;
    return at;
  });
  return { classes, byUnit };
}

function hatching({ colour, hatch }) {
  return hatch ? `repeating-linear-gradient(135deg, ${hatch} 0 1.5px, ${colour} 1.5px 5px)` : colour;
}

// Black or white, whichever is read better on the colour.
function inkOn(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return 0.299 * r + 0.587 * g + 0.114 * b > 150 ? "#1d2733" : "#ffffff";
}
