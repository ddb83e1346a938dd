// Words in the language chosen, and figures as people of that language write them.

let data; // what decode.js read; set once by main.js
const state = {
  language: "zh",
  theme: -1, // position of a rule; -1 is "rules met"
  mode: "verdict",
  unit: -1,
  tab: "summary",
  hidden: new Set(), // categories whose facilities are switched off
  filter: "", // what the rules listed must hold in their title
  open: new Set(["walk"]), // groups of rules whose lists are open
  look: "light",
  opacity: 0.9, // of the units on the map
  only: { parent: "", kind: "", scope: "", group: "" }, // which units are looked at
  ledger: { by: "rank", down: false, rule: -1, reason: -1, verdict: "", text: "" },
};
const VERDICTS = ["unknown", "gap", "covered"];
const MARKS = { unknown: "?", gap: "✗", covered: "✓", not_asked: "–" };

function word(key, values = {}) {
  const text = data.words[state.language][key];
  if (text === undefined) throw new Error(`no word for ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// For codes that a later version may know and this page does not.
function wordOr(key, otherwise) {
  return data.words[state.language][key] ?? otherwise;
}

function figure(value, digits = 0) {
  return value.toLocaleString(state.language === "zh" ? "zh-CN" : "en-GB", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

function percent(share) {
  return `${figure(share * 100, 1)}%`;
}

// Two bounds as one figure where they are the same to the digit shown.
function percentRange(least, most) {
  if (least === null || most === null) return "–";
  if (least === 0 && most === 1) return word("verdict.unknown");
  const [low, high] = [percent(least), percent(most)];
  return low === high ? low : `${low.slice(0, -1)}–${high}`;
}

// The bounds of a rule's coverage. Where nothing at all is known they are all that there could be.
function coverageOf({ coverage_min: least, coverage_max: most, unknown, units }) {
  return least === null && units > 0 && unknown === units ? [0, 1] : [least, most];
}

// A share of people must never be read as one of units: its denominator stands beside it.
function coverageText(summary) {
  const [least, most] = coverageOf(summary);
  if (!summary.units) return [word("summary.nobody_asked"), ""];
  if (least === null) return [word("summary.not_known"), ofWhat(summary)];
  return [percentRange(least, most), least === 0 && most === 1 ? "" : ofWhat(summary)];
}

function ofWhat({ denominator }) {
  return word("summary.of", { denominator: word(`denominator.${denominator}`) });
}

function plainNumber(value) {
  return String(Math.round(value * 100) / 100);
}

function fill(id, ...children) {
  document.getElementById(id).replaceChildren(...children.filter((child) => child !== null));
}

// Text that comes out of the data and is not translated.
function given(text, tag = "span", attributes = {}) {
  return element(tag, { "data-data": true, ...attributes }, text);
}

function categoryOf(id) {
  return data.categories.find((category) => category.id === id);
}

function categoryName(id) {
  return categoryOf(id)[state.language];
}

function unitName(unit) {
  const n = data.units.ids.length;
  if (unit < n) return data.units.names?.[unit] || data.units.ids[unit];
  if (data.above.whole[unit - n]) return word("page.whole_area");
  return data.above.names?.[unit - n] || data.above.ids[unit - n];
}

function facilityName(facility) {
  return data.facilities.names?.[facility] || word("unit.unnamed");
}

function ruleTitle(rule) {
  return data.rules[rule][state.language];
}

function asksText(rule) {
  return data.rules[rule].asks[state.language];
}

// Where nobody has looked the rule up, that stands beside its title wherever it shows.
function sureness(rule) {
  const { confidence } = data.rules[rule];
  if (confidence !== "from memory" && confidence !== "inferred") return null;
  return element("span", { class: "unsure" }, word(`confidence.${confidence}`));
}

function withUnit(rule, text) {
  return data.rules[rule].value[state.language].replace("{n}", text);
}

// What was measured as a figure with its unit, or why there is none.
function measureText(rule, unit) {
  const { digits, walks, minutes } = data.rules[rule];
  const { measure, status, texts, limit_min: limit } = data.measures;
  const whole = measure[rule][unit];
  if (whole >= 0) return withUnit(rule, figure(whole / 10 ** digits, digits));
  const code = texts.status[status[rule][unit]];
  if (!walks || code === undefined || code === "reached") return word(walks ? "status.not_judged" : "summary.not_known");
  const told = wordOr(`status.${code}`, code).replace("{limit}", plainNumber(limit));
  return code === "beyond_limit" && minutes !== null ? withUnit(rule, told) : told;
}

function verdictOf(rule, unit) {
  return VERDICTS[data.measures.verdict[rule][unit]] ?? "not_asked";
}

// The row of the ledger that is about a rule at a unit; undefined where it is covered.
function ledgerRow(rule, unit) {
  return data.rowOf.get(rule * data.places + unit);
}

// The sentence of a row of the ledger with its figures filled in; "{{" stands for a brace.
function evidenceText(row) {
  const { evidence, texts, figures, steps, rule, unit } = data.ledger;
  const at = rule[row];
  const value = (name) => (name === "measure"
    ? data.measures.measure[at][unit[row]] / 10 ** data.rules[at].digits
    : figures[name][row] / steps[name]);
  return texts.evidence[evidence[row]][state.language].replace(/\{\{|\}\}|\{(\w+):,\.(\d)f\}/g,
    (found, name, digits) => (name ? figure(value(name), Number(digits)) : found[0]));
}

function costText(row) {
  const { cost, yearly } = data.ledger;
  return cost[row] < 0 ? "" : word(yearly[row] ? "cost.year" : "cost.once", { yuan: figure(cost[row]) });
}

function verdictTag(verdict) {
  return element("span", { class: `verdict ${verdict}` },
    element("span", { class: "mark", "aria-hidden": "true" }, MARKS[verdict]), " ", word(`verdict.${verdict}`));
}

// The words that stand in the page itself.
function writeChrome() {
  document.documentElement.lang = state.language === "zh" ? "zh-CN" : "en";
  for (const item of document.querySelectorAll("[data-word]")) item.textContent = word(item.dataset.word);
  for (const item of document.querySelectorAll("[data-word-label]")) item.setAttribute("aria-label", word(item.dataset.wordLabel));
  for (const item of document.querySelectorAll("[data-word-placeholder]")) item.placeholder = word(item.dataset.wordPlaceholder);
  document.getElementById("language").lang = state.language === "zh" ? "en" : "zh-CN";
  document.title = data.title || word("page.subtitle");
  document.getElementById("title").textContent = document.title;
  document.getElementById("subtitle").textContent = [data.title ? word("page.subtitle") : "", standardTitle()].filter(Boolean).join(" · ");
  const about = data.about;
  document.getElementById("walker").textContent =
    `${word("about.walker")}${word("colon")}${wordOr(`profile.${about.profile}`, about.profile)}${word("list_comma")}${plainNumber(about.speed_kmh)} km/h`;
}

function standardTitle() {
  return data.standard[`title_${state.language}`] || data.standard.name;
}
