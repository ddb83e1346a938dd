// The unit chosen: every rule with its minutes, verdict, nearest facility, reason and fix.

function metText(unit) {
  const { covered, gap, unknown, asked } = data.tallies[unit];
  const parts = [word("unit.met_of", { met: covered, all: asked })];
  if (gap) parts.push(word("unit.missed", { n: gap }));
  if (unknown) parts.push(word("unit.unknown", { n: unknown }));
  return parts.join(word("list_comma"));
}

function drawUnit() {
  const unit = state.unit;
  if (unit < 0) return fill("unit", element("p", { class: "empty" }, word("unit.pick")));
  // What is missing comes first, then what is not known.
  const asked = ["gap", "unknown", "covered"].flatMap((verdict) => data.rules.map((_, rule) => rule).filter((rule) => verdictOf(rule, unit) === verdict));
  const others = data.rules.length - asked.length;
  const head = [word("unit.verdict"), word("unit.rule"), word("unit.measure")];
  fill("unit",
    element("h2", {}, given(unitName(unit))),
    unitFacts(unit),
    element("table", {},
      element("thead", {}, element("tr", {}, ...head.map((text, i) => element("th", { class: i === 2 ? "number" : null }, text)))),
      element("tbody", {}, ...asked.flatMap((rule) => ruleRows(rule, unit)))),
    others ? element("p", { class: "note" }, word("unit.not_asked_n", { n: others })) : null,
    asked.some((rule) => data.rules[rule].minutes !== null) ? element("p", { class: "note" }, word("unit.minutes_note")) : null,
    element("p", { class: "note" }, word("unit.line_note")));
}

function unitFacts(unit) {
  const { ids, names, kinds, people, people_from: source } = data.units;
  const fact = (key, value) => element("div", {}, element("dt", {}, word(key)), element("dd", {}, value));
  return element("dl", {},
    names?.[unit] ? fact("unit.id", given(ids[unit])) : null,
    kinds?.[unit] ? fact("unit.kind", `kind.${kinds[unit]}` in data.words.en ? word(`kind.${kinds[unit]}`) : given(kinds[unit])) : null,
    fact("unit.people", people[unit] < 0 ? word("unit.people_unknown") : figure(people[unit] / 10)),
    source?.[unit] ? fact("unit.people_from", wordOr(`demand_source.${source[unit]}`, source[unit])) : null,
    fact("unit.met", metText(unit)));
}

function ruleRows(rule, unit) {
  const now = rule === state.theme ? " now" : "";
  const go = () => setTheme(rule);
  return [
    element("tr", { "data-go": true, "data-rule": data.rules[rule].id, class: `head${now}`, onclick: go },
      element("td", {}, verdictTag(verdictOf(rule, unit))),
      element("td", {}, element("button", { type: "button" }, given(ruleTitle(rule))), sureness(rule)),
      element("td", { class: "number" }, measureText(rule, unit))),
    element("tr", { "data-go": true, class: `tail${now}`, onclick: go }, element("td", { colspan: 3, class: "why" }, ...ruleDetail(rule, unit))),
  ];
}

// What is asked and which facility is meant; where it is not covered also why, and what helps.
function ruleDetail(rule, unit) {
  const sentence = (key, value) => element("span", {}, `${word(key)}${word("colon")}`, value);
  const facility = data.measures.facility[rule][unit];
  const meant = facility < 0 ? null : sentence(data.rules[rule].walks ? "unit.nearest" : "unit.concerned", given(facilityName(facility)));
  const asks = sentence("unit.asked", asksText(rule));
  const row = ledgerRow(rule, unit);
  if (row === undefined) return [asks, meant];
  const { reason, texts, share_min: least, share_max: most, affected } = data.ledger;
  const code = texts.reason[reason[row]];
  const [told, cost] = [evidenceText(row), costText(row)];
  return [
    code === undefined ? asks : sentence("unit.reason", element("b", {}, wordOr(`reason.${code}`, code))),
    element("div", {}, sentence("unit.evidence", told), meant === null ? null : " · ", meant),
    least[row] < 0 || !data.rules[rule].walks ? null : sentence("unit.share", percentRange(least[row] / 1000, most[row] / 1000)),
    affected[row] > 0 ? sentence("unit.affected", figure(affected[row])) : null,
    `fix.${code}` in data.words[state.language] ? element("div", {}, sentence("unit.fix", word(`fix.${code}`))) : null,
    cost ? element("div", {}, sentence("unit.cost", cost)) : null,
  ];
}

function createSearch() {
  const input = document.getElementById("search");
  const list = document.getElementById("matches");
  let found = [], at = 0;
  const close = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); };
  const take = (unit) => { close(); input.value = ""; selectUnit(unit); showUnit(unit); };
  const show = () => {
    found = findUnits(input.value);
    const rows = found.map((unit, i) => element("li", { role: "option", "aria-selected": String(i === at), onmousedown: () => take(unit) },
      given(unitName(unit)), data.units.names?.[unit] ? given(` ${data.units.ids[unit]}`, "span", { class: "soft" }) : null));
    list.replaceChildren(...(rows.length ? rows : [element("li", { class: "soft" }, word("page.no_match"))]));
    list.hidden = !input.value.trim();
    input.setAttribute("aria-expanded", String(!list.hidden));
  };
  input.addEventListener("input", () => { at = 0; show(); });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return close();
    if (event.key === "Enter" && found.length && !list.hidden) return take(found[at]);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !found.length) return;
    event.preventDefault();
    at = (at + step + found.length) % found.length;
    show();
  });
}

function findUnits(text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const found = [];
  for (let unit = 0; unit < data.units.ids.length && found.length < 12; unit += 1) {
    const known = `${data.units.ids[unit]}\n${data.units.names?.[unit] ?? ""}`.toLowerCase();
    if (known.includes(wanted)) found.push(unit);
  }
  return found;
}
