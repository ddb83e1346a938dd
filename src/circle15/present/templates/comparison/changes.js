// What changed, worst first; the rules before and after; and in what the audits are not alike.

const SORTS = {
  worst: (row) => row,
  unit: (row) => placeName(comparison.changes.unit[row]),
  rule: (row) => comparison.changes.rule[row],
  people: (row) => -Math.max(comparison.changes.people_before[row], comparison.changes.people_after[row]),
};

function verdictOn(side, rule, place) {
  const [at, unit] = [side.rule[rule], side.row[place]];
  return at < 0 || unit < 0 ? "not_asked" : on(side, () => verdictOf(at, unit));
}

function measureOn(side, rule, place) {
  return verdictOn(side, rule, place) === "not_asked" ? "–" : on(side, () => measureText(side.rule[rule], side.row[place]));
}

function reasonOf(row, key) {
  const code = comparison.changes.texts.reason[comparison.changes[`reason_${key}`][row]];
  return code ? wordOr(`reason.${code}`, code) : "";
}

// What is covered has no reason.
function bothReasons(row) {
  const [before, after] = [reasonOf(row, "before"), reasonOf(row, "after")];
  return before && after ? pair(before, after) : before || after;
}

function peopleText(number) {
  return number < 0 ? "–" : figure(number);
}

function changeTag(change) {
  return element("span", { class: `change ${change}` }, element("span", { "aria-hidden": "true" }, `${MARK_OF[change]} `), word(`change.${change}`));
}

function changedRows() {
  const { unit, rule } = comparison.changes;
  const wanted = state.text.trim().toLowerCase();
  const rows = unit.map((_, row) => row).filter((row) =>
    (!state.change || changeOf(row) === state.change) &&
    (state.rule < 0 || rule[row] === state.rule) &&
    (!wanted || `${placeId(unit[row])}\n${placeName(unit[row])}`.toLowerCase().includes(wanted)));
  const key = new Map(rows.map((row) => [row, SORTS[state.sort](row)]));
  const order = state.sort === "unit" ? new Intl.Collator(state.language).compare : (a, b) => a - b;
  const sign = state.down ? -1 : 1;
  return rows.sort((a, b) => sign * order(key.get(a), key.get(b)) || a - b);
}

function drawChanges() {
  const rows = changedRows();
  const shown = rows.slice(0, state.rows);
  const none = comparison.changes.unit.length ? "comparison.no_match" : "comparison.none";
  fill("changes", changesFilter(),
    rows.length ? changesTable(shown) : element("p", { class: "empty" }, word(none)),
    shown.length < rows.length ? element("button", { class: "more", type: "button", onclick: () => { state.rows += 300; drawChanges(); } }, word("page.show_more")) : null,
    rows.length ? element("p", { class: "note" }, word("comparison.count", { shown: figure(shown.length), all: figure(rows.length) })) : null,
    ...facilityChanges());
}

function changesFilter() {
  const redraw = (values) => { Object.assign(state, values, { rows: 100 }); drawChanges(); };
  const kinds = comparison.changes.texts.change.map((change) => [change, word(`change.${change}`)]);
  const rules = comparison.summary.map((_, rule) => [rule, titleOf(rule)]);
  const choice = (label, key, value, all, options, take) => {
    const made = element("select", { id: `by-${key}`, "aria-label": label, onchange: (event) => { redraw(take(event.target.value)); document.getElementById(`by-${key}`).focus(); } },
      element("option", { value: all[0] }, all[1]), ...options.map(([own, text]) => element("option", { value: own }, text)));
    made.value = String(value);
    return made;
  };
  const text = element("input", { id: "by-text", type: "search", autocomplete: "off", placeholder: word("page.search"), "aria-label": word("page.search"),
    oninput: (event) => {
      const at = event.target.selectionStart;
      redraw({ text: event.target.value });
      const again = document.getElementById("by-text");
      again.focus();
      again.setSelectionRange(at, at);
    } });
  text.value = state.text;
  return element("div", { class: "filter" },
    choice(word("comparison.kind"), "change", state.change, ["", word("comparison.all_kinds")], kinds, (value) => ({ change: value })),
    choice(word("summary.rule"), "rule", state.rule, [-1, word("ledger.all_rules")], rules, (value) => ({ rule: Number(value) })), text);
}

function sortHead(key, text, kind) {
  const now = state.sort === key;
  const act = () => { Object.assign(state, { sort: key, down: now && !state.down }); drawChanges(); document.querySelector(`[data-sort="${key}"]`).focus(); };
  return element("th", { class: kind ?? null, "aria-sort": now ? (state.down ? "descending" : "ascending") : "none" },
    element("button", { type: "button", "data-sort": key, onclick: act }, text));
}

function changesTable(rows) {
  return element("table", {},
    element("thead", {}, element("tr", {}, sortHead("unit", word("unit.unit")), sortHead("rule", word("unit.rule")),
      sortHead("worst", word("comparison.became")), sortHead("people", word("ledger.affected"), "number"))),
    element("tbody", {}, ...rows.map(changeLine)));
}

function changeLine(row) {
  const { unit, rule, people_before: before, people_after: after } = comparison.changes;
  const [place, at] = [unit[row], rule[row]];
  const now = place === state.place && at === state.theme;
  return element("tr", { "data-go": true, "data-row": row, class: now ? "now" : null, onclick: () => goToChange(place, at) },
    element("td", {}, element("button", { type: "button", "data-data": true }, placeName(place))),
    element("td", {}, given(titleOf(at)), surenessOf(at), element("span", { class: "why" }, bothReasons(row))),
    element("td", {}, changeTag(changeOf(row)), element("span", { class: "why" }, ...bothVerdicts(at, place)),
      element("span", { class: "why" }, pair(...sides.map((side) => measureOn(side, at, place))))),
    element("td", { class: "number" }, pair(peopleText(before[row]), peopleText(after[row]))));
}

function bothVerdicts(rule, place) {
  const [before, after] = sides.map((side) => verdictOn(side, rule, place));
  return before === after ? [verdictTag(after)] : [verdictTag(before), " → ", verdictTag(after)];
}

function facilityChanges() {
  const rows = sides.flatMap((side) => [...side.marked].map((facility) => element("tr", { "data-go": true, onclick: () => goToFacility(side, facility) },
    element("td", {}, word(side.key === "before" ? "comparison.gone" : "comparison.new")),
    element("td", {}, on(side, () => categoryName(side.facilities.categories[facility]))),
    element("td", {}, element("button", { type: "button", "data-data": true }, on(side, () => facilityName(facility)))))));
  if (!rows.length) return [];
  const shown = rows.slice(0, 300);
  return [element("h3", {}, word("comparison.facilities")), element("table", { id: "facilities" }, element("tbody", {}, ...shown)),
    shown.length < rows.length ? element("p", { class: "note" }, word("comparison.count", { shown: figure(shown.length), all: figure(rows.length) })) : null].filter(Boolean);
}

function drawBothSummary() {
  const heads = [word("summary.rule"), word("summary.coverage"), word("summary.units"), word("comparison.people")];
  const counts = (side, rule, verdict) => figure(comparison.summary[rule][`${verdict}_${side.key}`] ?? 0);
  fill("summary", element("table", {},
    element("thead", {}, element("tr", {}, ...heads.map((text, i) => element("th", { class: i === 3 ? "number" : null }, text)))),
    element("tbody", {}, ...comparison.summary.map((row, rule) => element("tr", { "data-go": true, "data-rule": row.rule_id, class: rule === state.theme ? "now" : null, onclick: () => setTheme(rule) },
      element("td", {}, element("button", { type: "button" }, given(titleOf(rule))), surenessOf(rule), element("span", { class: "why" }, ...changeCounts(rule))),
      element("td", {}, pair(...sides.map((side) => coverageOn(side, rule))), element("div", { class: "small soft" }, ofWhatOn(rule))),
      element("td", {}, ...["covered", "gap", "unknown"].map((verdict) => element("div", { class: `verdict ${verdict}`, title: word(`verdict.${verdict}`) },
        `${MARKS[verdict]} ${pair(...sides.map((side) => (side.rule[rule] < 0 ? "–" : counts(side, rule, verdict))))}`))),
      element("td", { class: "number" }, ...gainText(row)))))),
    element("p", { class: "note" }, word("comparison.people_note")));
}

function ofWhatOn(rule) {
  const side = speaker("rule", rule);
  return on(side, () => ofWhat(side.rules[side.rule[rule]].summary));
}

function gainText({ people_gained: gained, people_lost: lost }) {
  if (gained === null) return ["–"];
  const told = [["+", gained], ["−", lost]].filter(([, n]) => Math.round(n)).map(([sign, n]) => element("div", {}, `${sign}${figure(n)}`));
  return told.length ? told : ["0"];
}

// What tells against comparing stands on top; it is open while there is little of it.
function drawUnlike() {
  const warnings = comparison.findings.filter(({ severity }) => severity === "warning");
  if (!warnings.length) return fill("unlike");
  fill("unlike", element("details", { open: warnings.length <= 2 && window.innerWidth > 820 },
    element("summary", {}, word("comparison.unlike", { n: figure(warnings.length) })), differences(warnings)));
}

function differences(findings) {
  return element("ul", {}, ...findings.map((finding) => {
    const own = state.language === "zh" ? "_zh" : "";
    return element("li", { "data-data": true }, `${wordOr(`severity.${finding.severity}`, finding.severity)}${word("colon")}${finding[`what${own}`]} ${finding[`fix${own}`]}`);
  }));
}

function drawBothAbout() {
  const line = (key, value) => element("tr", {}, element("td", {}, word(key)), element("td", {}, value));
  const walker = ({ about }) => `${wordOr(`profile.${about.profile}`, about.profile)}${word("list_comma")}${plainNumber(about.speed_kmh)} km/h`;
  fill("about",
    element("h3", {}, word("comparison.findings")),
    comparison.findings.length ? differences(comparison.findings) : element("p", { class: "soft" }, word("about.nothing")),
    ...sides.flatMap((side) => on(side, () => [
      element("h3", {}, sideTitle(side)),
      element("table", {}, element("tbody", {},
        line("about.standard", given(standardTitle())), line("about.walker", walker(side)),
        ...side.about.inputs.map((input) => line("about.file", given([input.name, input.sha256].filter(Boolean).join(" · "))))))])),
    element("h3", {}, word("about.data")),
    element("ul", {}, ...[...new Set(sides.flatMap(({ about }) => about.attribution))].map((text) => element("li", {}, given(text)))),
    element("p", { class: "note" }, word("about.legal")),
    element("h3", {}, word("page.licence_notice")), element("pre", { "data-data": true, lang: "en" }, document.getElementById("leaflet-licence").content.textContent));
}
