// Classes of a theme: colour, words, and which unit lies in which. The side of the limit is the
// audit's verdict; minutes only choose the shade. Blue within, orange beyond, hatched unknown:
// told apart with any kind of colour vision, and by lightness within each side.

const WITHIN = ["#1f5c94", "#4a8fc4", "#a9cde6"];
const BEYOND = ["#f8d3a4", "#ef9f52", "#cf6318", "#8c3a0b"];
const COVERED = "#4a8fc4";
const GAP = "#e3812f";
const UNKNOWN = { colour: "#e3e4e6", hatch: "#9299a1" };
const NOT_ASKED = { colour: "#d6d9dd" };
const SOME_UNKNOWN = { colour: "#cfe0ee", hatch: "#6f8fab" };

function classesOf(theme, mode) {
  const classes = theme < 0 ? overallClasses() : shaded(theme, mode) ? minuteClasses(theme) : verdictClasses(theme);
  const asked = theme < 0 ? (unit) => data.tallies[unit].asked > 0 : (unit) => verdictOf(theme, unit) !== "not_asked";
  if (data.units.ids.every((_, unit) => asked(unit))) return classes;
  return [...classes, { key: "not_asked", ...NOT_ASKED, mark: MARKS.not_asked, text: () => word("legend.not_asked"), has: (unit) => !asked(unit) }];
}

// Shades tell how long the walk is; of other rules the verdict says it all.
function shaded(theme, mode) {
  return mode === "minutes" && theme >= 0 && data.rules[theme].minutes !== null;
}

function unknownClass(has) {
  return { key: "unknown", ...UNKNOWN, mark: MARKS.unknown, text: () => word("verdict.unknown"), has };
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

// How many of the rules that are about a unit it meets.
function tally(unit) {
  const counts = { covered: 0, gap: 0, unknown: 0, not_asked: 0 };
  data.rules.forEach((_, rule) => (counts[verdictOf(rule, unit)] += 1));
  return { ...counts, asked: data.rules.length - counts.not_asked };
}

function overallClasses() {
  const all = data.tallies.reduce((most, { asked }) => Math.max(most, asked), 1);
  const half = Math.max(4, Math.ceil(all / 2));
  const missed = [[1, 1], [2, 3], [4, half], [half + 1, all]].filter(([low, high]) => low <= Math.min(high, all));
  const classes = missed.map(([low, high], i) => ({
    key: `missed-${low}`,
    colour: BEYOND[i],
    mark: MARKS.gap,
    text: () => missedText(low, Math.min(high, all)),
    has: (unit) => data.tallies[unit].gap >= low && data.tallies[unit].gap <= high,
  }));
  const is = (test) => (unit) => data.tallies[unit].asked > 0 && test(data.tallies[unit]);
  return [
    { key: "met", colour: COVERED, mark: MARKS.covered, text: () => word("legend.all_met"), has: is(({ covered, asked }) => covered === asked) },
    ...classes,
    { key: "met-unknown", ...SOME_UNKNOWN, mark: MARKS.unknown, text: () => word("legend.none_missed"), has: is(({ gap, unknown, covered }) => !gap && unknown > 0 && covered > 0) },
    { ...unknownClass(is(({ unknown, asked }) => unknown === asked)), text: () => word("legend.nothing_known") },
  ];
}

function missedText(low, high) {
  if (low === 1) return word("legend.missed_one");
  return word(low === high ? "legend.missed_exact" : "legend.missed_some", { low, high });
}

// Classes with their units and people; a unit lies in one class.
function classify(theme, mode) {
  const classes = classesOf(theme, mode).map((entry) => ({ ...entry, units: 0, people: 0, unpeopled: 0 }));
  const byUnit = data.units.ids.map((_, unit) => {
    const at = classes.findIndex((entry) => entry.has(unit));
    const people = data.units.people[unit];
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
