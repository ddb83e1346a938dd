// The unit chosen: every rule with verdict, figure and reason before and after.

function drawPlace() {
  const place = state.place;
  if (place < 0) return fill("unit", element("p", { class: "empty" }, word("comparison.pick")));
  const rules = comparison.summary.map((_, rule) => rule).filter((rule) => sides.some((side) => verdictOn(side, rule, place) !== "not_asked"));
  // What changed stands first, worst first; all else in the order of the standard.
  const rank = (rule) => changeRow(rule, place) ?? Infinity;
  rules.sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : a - b));
  const alone = sides.find((side) => side.row[place] < 0);
  const heads = ["unit.rule", "comparison.before", "comparison.after"];
  fill("unit",
    element("h2", {}, given(placeName(place))),
    element("dl", {}, fact("unit.id", given(placeId(place))), fact("unit.people", pair(...sides.map((side) => peopleOn(side, place))))),
    alone ? element("p", { class: "note" }, word(alone.key === "before" ? "comparison.only_after" : "comparison.only_before")) : null,
    element("table", {},
      element("thead", {}, element("tr", {}, ...heads.map((key) => element("th", {}, word(key))))),
      element("tbody", {}, ...rules.map((rule) => placeRow(rule, place)))),
    element("p", { class: "note" }, word("unit.line_note")));
}

function fact(key, value) {
  return element("div", {}, element("dt", {}, word(key)), element("dd", {}, value));
}

function peopleOn(side, place) {
  const people = side.units.people[side.row[place]];
  return people === undefined || people < 0 ? "–" : figure(people / 10);
}

function placeRow(rule, place) {
  const row = changeRow(rule, place);
  return element("tr", { "data-go": true, "data-rule": comparison.summary[rule].rule_id, class: rule === state.theme ? "now" : null, onclick: () => setTheme(rule) },
    element("td", {}, element("button", { type: "button" }, given(titleOf(rule))), surenessOf(rule), row === undefined ? null : changeTag(changeOf(row))),
    ...sides.map((side) => element("td", { class: side.key }, ...foundOn(side, rule, place))));
}

// Verdict, figure, reason with its evidence, and the facility meant, as one side has them.
function foundOn(side, rule, place) {
  const verdict = verdictOn(side, rule, place);
  const said = [verdictTag(verdict)];
  if (verdict === "not_asked") return said;
  return on(side, () => {
    const [at, unit] = [side.rule[rule], side.row[place]];
    said.push(element("div", {}, measureText(at, unit)));
    const row = ledgerRow(at, unit);
    if (row !== undefined) {
      const code = side.ledger.texts.reason[side.ledger.reason[row]];
      if (code !== undefined) said.push(element("b", { class: "why" }, wordOr(`reason.${code}`, code)));
      said.push(element("span", { class: "why" }, evidenceText(row)));
    }
    const facility = side.measures.facility[at][unit];
    if (facility >= 0) said.push(element("span", { class: "why" }, word(side.rules[at].walks ? "unit.nearest" : "unit.concerned"), word("colon"), given(facilityName(facility))));
    return said;
  });
}
