// Words in the language chosen, and figures as people of that language write them.

let data; // what decode.js read; set once by main.js
const state = {
  language: "zh",
  theme: -1, // position of a rule; -1 is "rules met"
  mode: "verdict",
  unit: -1,
  tab: "summary",
  hidden: new Set(), // categories whose facilities are switched off
  ledgerRule: -1,
  ledgerUnknown: true,
  ledgerRows: 100,
};
const VERDICTS = ["unknown", "gap", "covered"];
const MARKS = { unknown: "?", gap: "✗", covered: "✓" };

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
  return least === null && unknown === units ? [0, 1] : [least, most];
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
  return data.units.names?.[unit] || data.units.ids[unit];
}

function facilityName(facility) {
  return data.facilities.names?.[facility] || word("unit.unnamed");
}

function limitText(rule) {
  return `${plainNumber(rule.threshold)} ${word("summary.min")}`;
}

// Minutes as a figure, or why there is none.
function minutesText(rule, unit) {
  const minutes = data.measures.minutes[rule][unit];
  if (minutes >= 0) return figure(minutes / 10, 1);
  const code = data.measures.texts.status[data.measures.status[rule][unit]];
  if (code === undefined || code === "reached") return word("status.not_judged");
  return wordOr(`status.${code}`, code).replace("{limit}", plainNumber(data.measures.limit_min));
}

function verdictOf(rule, unit) {
  return VERDICTS[data.measures.verdict[rule][unit]];
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
