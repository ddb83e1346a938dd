// The list of problems: sorted by any column, filtered, and drawn a window of rows at a time.

// All rows are as high as this in CSS, so that any of thousands can be scrolled to at once.
const ROW_HEIGHT = 88;
const ROWS_BEYOND = 8;

// What a column sorts by; each is a list with a value a row of the ledger.
const COLUMNS = {
  rank: (row) => row,
  unit: (row) => unitName(data.ledger.unit[row]),
  rule: (row) => data.ledger.rule[row],
  verdict: (row) => `${verdictOf(data.ledger.rule[row], data.ledger.unit[row])} ${reasonText(row)}`,
  affected: (row) => data.ledger.affected[row],
};
const HEADS = { rank: "ledger.rank", unit: "unit.unit", rule: "unit.rule", verdict: "unit.verdict", affected: "ledger.affected" };

let ledgerRows = [];

function reasonText(row) {
  const code = data.ledger.texts.reason[data.ledger.reason[row]];
  return code === undefined ? "" : wordOr(`reason.${code}`, code);
}

function rowFits(row) {
  const { unit, rule, reason } = data.ledger;
  const { rule: wantedRule, reason: wantedReason, verdict, text } = state.ledger;
  if (wantedRule >= 0 && rule[row] !== wantedRule) return false;
  if (wantedReason >= 0 && reason[row] !== wantedReason) return false;
  if (verdict && verdictOf(rule[row], unit[row]) !== verdict) return false;
  if (!isInside(unit[row])) return false;
  return !text || `${unitName(unit[row])}\n${data.units.ids[unit[row]] ?? data.above.ids[unit[row] - data.units.ids.length]}\n${ruleTitle(rule[row])}\n${evidenceText(row)}`.toLowerCase().includes(text);
}

// Ties keep the ledger's own order, which is worst first.
function sortedRows(rows) {
  const { by, down } = state.ledger;
  if (by === "rank" && !down) return rows;
  const values = new Map(rows.map((row) => [row, COLUMNS[by](row)]));
  const collate = new Intl.Collator(state.language === "zh" ? "zh" : "en", { numeric: true }).compare;
  const sign = down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [values.get(a), values.get(b)];
    return sign * (typeof x === "string" ? collate(x, y) : x - y) || a - b;
  });
}

function findRows() {
  ledgerRows = sortedRows(data.ledger.unit.map((_, row) => row).filter(rowFits));
}

// The controls stay while somebody types in them; only what is below them is drawn anew.
function drawLedger() {
  fill("ledger", ledgerControls(), element("div", { id: "ledger-rows" }));
  drawRows();
}

function changeLedger(change) {
  Object.assign(state.ledger, change);
  document.getElementById("panel").scrollTop = 0;
  drawRows();
}

function ledgerControls() {
  const choose = (id, key, values, none) => {
    const choice = element("select", { id, "aria-label": word(none), onchange: (event) => changeLedger({ [key]: key === "verdict" ? event.target.value : Number(event.target.value) }) },
      element("option", { value: key === "verdict" ? "" : -1 }, word(none)), ...values.map(([value, text, attributes]) => element("option", { value, ...attributes }, text)));
    choice.value = String(state.ledger[key]);
    return choice;
  };
  const text = element("input", {
    id: "ledger-text", type: "search", autocomplete: "off", placeholder: word("ledger.find"), "aria-label": word("ledger.find"),
    oninput: (event) => changeLedger({ text: event.target.value.trim().toLowerCase() }),
  });
  text.value = state.ledger.text;
  return element("div", { class: "filter" },
    choose("ledger-rule", "rule", data.rules.map((rule, i) => [i, rule[state.language], { "data-data": true }]), "ledger.all_rules"),
    choose("ledger-reason", "reason", data.ledger.texts.reason.map((code, i) => [i, wordOr(`reason.${code}`, code)]), "ledger.all_reasons"),
    choose("ledger-verdict", "verdict", ["gap", "unknown"].map((verdict) => [verdict, word(`verdict.${verdict}`)]), "ledger.all_verdicts"),
    text);
}

function drawRows() {
  findRows();
  const all = data.ledger.unit.length;
  const home = document.getElementById("ledger-rows");
  if (!ledgerRows.length) return home.replaceChildren(element("p", { class: "empty" }, word(all ? "ledger.none_fits" : "ledger.empty")));
  home.replaceChildren(
    element("p", { class: "note", role: "status" }, word("ledger.count", { shown: figure(ledgerRows.length), all: figure(all) })),
    element("table", { "aria-rowcount": ledgerRows.length + 1, onkeydown: moveInRows },
      element("thead", {}, element("tr", {}, ...Object.keys(COLUMNS).map(headCell))),
      element("tbody", { id: "ledger-window" })));
  drawWindow();
}

function headCell(by) {
  const { by: now, down } = state.ledger;
  const act = () => {
    changeLedger({ by, down: by === now ? !down : by === "affected" });
    document.querySelector(`#ledger th[data-by="${by}"] button`)?.focus();
  };
  return element("th", { "data-by": by, scope: "col", class: by === "affected" || by === "rank" ? "number" : null, "aria-sort": by === now ? (down ? "descending" : "ascending") : "none" },
    element("button", { type: "button", onclick: act }, word(HEADS[by])));
}

// The rows in view and some beyond; empty rows above and below hold the place of all others.
function drawWindow() {
  const body = document.getElementById("ledger-window");
  if (!body) return;
  const panel = document.getElementById("panel");
  const above = panel.getBoundingClientRect().top - body.getBoundingClientRect().top;
  const from = Math.max(0, Math.floor(above / ROW_HEIGHT) - ROWS_BEYOND);
  const to = Math.min(ledgerRows.length, Math.ceil((above + panel.clientHeight) / ROW_HEIGHT) + ROWS_BEYOND);
  if (to <= from || (body.dataset.from === String(from) && body.dataset.to === String(to))) return;
  const focused = document.activeElement?.closest("#ledger-window tr")?.dataset.row;
  Object.assign(body.dataset, { from, to });
  const spacer = (rows) => (rows ? [element("tr", { class: "spacer", "aria-hidden": "true" }, element("td", { colspan: 5, style: `height:${rows * ROW_HEIGHT}px` }))] : []);
  body.replaceChildren(...spacer(from), ...ledgerRows.slice(from, to).map((row, i) => ledgerLine(row, from + i)), ...spacer(ledgerRows.length - to));
  if (focused !== undefined) body.querySelector(`tr[data-row="${focused}"] button`)?.focus({ preventScroll: true });
}

function ledgerLine(row, place) {
  const { unit: units, rule: rules, affected } = data.ledger;
  const [unit, rule, cost] = [units[row], rules[row], costText(row)];
  const why = [evidenceText(row), cost ? `${word("unit.cost")}${word("colon")}${cost}` : ""].filter(Boolean).join(word("list_comma"));
  const cell = (attributes, ...children) => element("td", attributes, element("div", { class: "cell" }, ...children));
  return element("tr", {
    "data-go": true, "data-row": row, "data-unit": data.units.ids[unit] ?? null, "aria-rowindex": place + 2,
    class: unit === state.unit && rule === state.theme ? "now" : null, onclick: () => goTo(unit, rule),
  },
    cell({ class: "number soft" }, figure(row + 1)),
    cell({}, element("button", { type: "button", "data-data": !data.above.whole[unit - data.units.ids.length] }, unitName(unit))),
    cell({ title: why }, given(ruleTitle(rule)), sureness(rule), element("span", { class: "why small soft" }, why)),
    cell({}, verdictTag(verdictOf(rule, unit)), element("span", { class: "why small soft" }, reasonText(row))),
    cell({ class: "number" }, affected[row] < 0 ? "–" : figure(affected[row])));
}

// Arrows go from row to row, also to those that are not drawn yet.
function moveInRows(event) {
  const now = event.target.closest("tr[data-row]");
  const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
  if (!now || step === undefined) return;
  event.preventDefault();
  const place = Math.max(0, Math.min(ledgerRows.length - 1, Number(now.getAttribute("aria-rowindex")) - 2 + step));
  const panel = document.getElementById("panel");
  const body = document.getElementById("ledger-window");
  const find = () => body.querySelector(`tr[data-row="${ledgerRows[place]}"]`);
  if (!find()) {
    panel.scrollTop += body.getBoundingClientRect().top - panel.getBoundingClientRect().top + place * ROW_HEIGHT - panel.clientHeight / 2;
    drawWindow();
  }
  find().scrollIntoView({ block: "nearest" });
  find().querySelector("button").focus({ preventScroll: true });
}
