// The table of rules, and where all of it comes from.

function drawSummary() {
  const anyPeople = data.rules.some(({ summary }) => summary.people !== null);
  const head = element("tr", {}, element("th", { style: "width:38%" }, word("summary.rule")), element("th", { class: "number", style: "width:12%" }, word("summary.facilities")),
    element("th", { style: "width:22%" }, word("summary.coverage")), element("th", { style: "width:28%" }, word("summary.units")));
  const groups = groupedRules();
  const rows = groups.length === 1 ? data.rules.map((_, rule) => summaryRow(rule)) : groups.flatMap(([group, rules]) =>
    [element("tr", { class: "group" }, element("td", { colspan: 4 }, word(`rule_group.${group}`))), ...rules.map(summaryRow)]);
  fill("summary",
    element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows)),
    element("p", { class: "note" }, word("summary.note")),
    anyPeople ? null : element("p", { class: "note" }, word("summary.no_people")),
    element("p", { class: "note" }, word("about.legal")),
    ...aboveTable());
}

function summaryRow(rule) {
  const { clause, summary } = data.rules[rule];
  const [least, most] = coverageOf(summary);
  const [share, ofThese] = coverageText(summary);
  const target = summary.target_share === null ? null : element("div", { class: "small soft" }, word("summary.target", { share: percent(summary.target_share) }));
  return element("tr", { "data-go": true, "data-rule": data.rules[rule].id, class: rule === state.theme ? "now" : null, onclick: () => setTheme(rule) },
    element("td", {}, element("button", { type: "button" }, given(ruleTitle(rule))), sureness(rule),
      element("span", { class: "clause small soft" }, asksText(rule)), element("span", { class: "clause small soft" }, given(clause))),
    element("td", { class: "number" }, summary.facilities === null ? "–" : figure(summary.facilities)),
    element("td", {}, share, element("div", { class: "small soft" }, ofThese), target, least === null ? null : coverageBar(least, most)),
    element("td", {}, summary.units ? verdictTally(summary) : "–"));
}

// Streets and the whole area: rules are about them as well, but they are not on the map.
function aboveTable() {
  const n = data.units.ids.length;
  const rows = data.above.ids.flatMap((_, i) => data.rules.map((__, rule) => [rule, n + i]).filter(([rule, unit]) => verdictOf(rule, unit) !== "not_asked"));
  if (!rows.length) return [];
  return [
    element("h3", {}, word("summary.above")),
    element("p", { class: "note" }, word("summary.above_note")),
    element("table", { id: "above" }, element("tbody", {}, ...rows.map(([rule, unit], i) => element("tr", {},
      element("td", {}, unit === rows[i - 1]?.[1] ? null : given(unitName(unit), "b")),
      element("td", {}, given(ruleTitle(rule)), sureness(rule), element("span", { class: "clause small soft" }, foundText(rule, unit))),
      element("td", {}, verdictTag(verdictOf(rule, unit))))))),
  ];
}

// Evidence where something is missing, else what was measured beside what was asked.
function foundText(rule, unit) {
  const row = ledgerRow(rule, unit);
  return row === undefined ? `${measureText(rule, unit)}${word("list_comma")}${word("unit.asked")} ${asksText(rule)}` : evidenceText(row);
}

function verdictTally(counts) {
  const order = ["covered", "gap", "unknown"];
  const figures = order.map((verdict) => element("span", { class: `verdict ${verdict}`, title: word(`verdict.${verdict}`) }, `${MARKS[verdict]} ${figure(counts[verdict])}`));
  const bars = order.map((verdict) => element("i", { class: verdict, style: `flex:${counts[verdict]}` }));
  return element("div", {}, element("div", { class: "tally" }, ...figures), element("div", { class: "stack", "aria-hidden": "true" }, ...bars));
}

function drawAbout() {
  const { about, standard } = data;
  const pairs = (rows) => element("table", {}, element("tbody", {}, ...rows.map(([key, value]) => element("tr", {}, element("td", {}, key), element("td", {}, value)))));
  const givenPairs = (values, section) => pairs(Object.entries(values).map(([key, value]) => [wordOr(`${section}.${key}`, undefined) ?? given(key), given(typeof value === "object" ? JSON.stringify(value) : String(value))]));
  const list = (texts, write = given) => (texts.length ? element("ul", {}, ...texts.map((text) => element("li", {}, write(text)))) : element("p", { class: "soft" }, word("about.nothing")));
  const title = (key) => element("h3", {}, word(key));
  const note = standard[`note_${state.language}`];
  fill("about",
    title("about.data"), list(about.attribution),
    title("about.standard"), element("p", {}, given(standardTitle())),
    element("p", { class: "small soft" }, given([standard.source, note].filter(Boolean).join(" · "))),
    title("about.walker"), pairs([
      [word("about.walker"), wordOr(`profile.${about.profile}`, about.profile)],
      [word("about.speed"), `${plainNumber(about.speed_kmh)} km/h`],
      [word("about.door"), `${plainNumber(about.max_access_m)} m`],
      [word("about.detour"), plainNumber(about.access_detour)],
      [word("about.pass_share"), [...new Set(data.rules.filter((rule) => rule.walks).map((rule) => percent(rule.pass_share)))].join(word("list_comma")) || "–"]]),
    element("p", { class: "note" }, word("about.legal")),
    title("about.findings"), findingsList(about.findings),
    title("about.assumptions"), list(about.assumptions[state.language], (text) => text),
    title("about.inputs"), ...about.inputs.map((input) => pairs([
      [word("about.file"), given(input.name)], [word("about.owner"), given(input.owner ?? "–")],
      [word("about.licence"), given(input.licence ?? "–")], ["SHA-256", given(input.sha256 ?? "–")]])),
    title("about.parameters"), givenPairs(about.parameters, "parameter"),
    title("about.counts"), givenPairs(about.counts, "count"),
    title("about.versions"), givenPairs(about.versions),
    title("page.licence_notice"), element("pre", { "data-data": true, lang: "en" }, document.getElementById("leaflet-licence").content.textContent));
}

function findingsList(findings) {
  if (!findings.length) return element("p", { class: "soft" }, word("about.nothing"));
  return element("ul", {}, ...findings.map((finding) => {
    const { severity } = finding;
    const [what, fix] = state.language === "zh" ? [finding.what_zh, finding.fix_zh] : [finding.what, finding.fix];
    return element("li", {},
      element("b", {}, `${wordOr(`severity.${severity}`, severity)}${word("colon")}`), [what, fix].filter(Boolean).join(" "));
  }));
}
