// The unit chosen: every rule with its minutes, verdict, nearest facility, reason and fix.

function metText(unit) {
  const { covered, gap, unknown } = data.tallies[unit];
  const parts = [word("unit.met_of", { met: covered, all: data.rules.length })];
  if (gap) parts.push(word("unit.missed", { n: gap }));
  if (unknown) parts.push(word("unit.unknown", { n: unknown }));
  return parts.join(word("list_comma"));
}

function drawUnit() {
  const unit = state.unit;
  if (unit < 0) return fill("unit", element("p", { class: "empty" }, word("unit.pick")));
  const head = [word("unit.verdict"), word("unit.category"), word("unit.minutes"), word("unit.threshold"), word("unit.nearest")];
  fill("unit",
    element("h2", {}, given(unitName(unit))),
    unitFacts(unit),
    element("table", {},
      element("thead", {}, element("tr", {}, ...head.map((text, i) => element("th", { class: i === 2 || i === 3 ? "number" : null }, text)))),
      element("tbody", {}, ...data.rules.flatMap((_, rule) => ruleRows(rule, unit)))),
    element("p", { class: "note" }, word("unit.minutes_note")),
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
  const { facility } = data.measures;
  const verdict = verdictOf(rule, unit);
  const nearest = facility[rule][unit];
  const detail = ruleDetail(rule, unit);
  const now = rule === state.theme ? " now" : "";
  const go = () => setTheme(rule);
  return [
    element("tr", { "data-go": true, "data-rule": data.rules[rule].id, class: (detail ? "head" : "") + now, onclick: go },
      element("td", {}, verdictTag(verdict)),
      element("td", {}, element("button", { type: "button" }, categoryName(data.rules[rule].category))),
      element("td", { class: "number" }, minutesText(rule, unit)),
      element("td", { class: "number" }, plainNumber(data.rules[rule].threshold)),
      element("td", {}, nearest < 0 ? "–" : given(facilityName(nearest)))),
    detail && element("tr", { "data-go": true, class: `tail${now}`, onclick: go }, element("td", { colspan: 5, class: "why" }, ...detail)),
  ];
}

// Reason, fix and shares, where a verdict asks for them; null where all is well.
function ruleDetail(rule, unit) {
  const { reason, fix, texts, share_min: least, share_max: most, affected } = data.measures;
  if (verdictOf(rule, unit) === "covered") return null;
  const code = texts.reason[reason[rule][unit]];
  const advice = texts.fix[fix[rule][unit]];
  const sentence = (key, value) => element("span", {}, `${word(key)}${word("colon")}`, value);
  const share = least[rule][unit] < 0 ? null : percentRange(least[rule][unit] / 1000, most[rule][unit] / 1000);
  return [
    code === undefined ? null : sentence("unit.reason", element("b", {}, wordOr(`reason.${code}`, code))),
    share === null ? null : sentence("unit.share", share),
    affected[rule][unit] > 0 ? sentence("unit.affected", figure(affected[rule][unit])) : null,
    advice === undefined ? null : element("div", {}, sentence("unit.fix", `fix.${code}` in data.words[state.language] ? word(`fix.${code}`) : given(advice))),
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
