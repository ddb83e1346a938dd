// Left column and legend: what colours both maps, which facilities show, and both counts.

function pair(before, after) {
  return before === after ? after : `${before} → ${after}`;
}

function coverageOn(side, rule) {
  const at = side.rule[rule];
  return at < 0 ? "–" : on(side, () => coverageText(side.rules[at].summary)[0]);
}

function drawThemeList() {
  const row = (theme, ...children) => element("li", {}, element("button", { type: "button", "data-theme": theme, "aria-pressed": String(state.theme === theme), onclick: () => setTheme(theme) }, ...children));
  const overall = row(-1, element("span", { class: "name" }, word("theme.overall")), element("span", { class: "hint small soft" }, word("theme.overall_hint")));
  fill("themes", overall, ...comparison.summary.map((_, rule) => row(rule,
    element("span", { class: "name" }, given(titleOf(rule)), surenessOf(rule)),
    element("span", { class: "number small" }, pair(...sides.map((side) => coverageOn(side, rule)))),
    element("span", { class: "became small soft" }, ...changeCounts(rule)))));
  for (const mode of ["verdict", "minutes"]) {
    const button = document.getElementById(`by-${mode}`);
    const shading = state.theme >= 0 && sides.some((side) => on(side, () => side.rule[state.theme] >= 0 && shaded(side.rule[state.theme], "minutes")));
    button.setAttribute("aria-pressed", String((mode === "minutes") === (shading && state.mode === "minutes")));
    button.disabled = state.theme < 0 || (mode === "minutes" && !shading);
  }
}

function surenessOf(rule) {
  const side = speaker("rule", rule);
  return on(side, () => sureness(side.rule[rule]));
}

// How many units became what, by mark and word.
function changeCounts(rule) {
  const counts = comparison.summary[rule];
  const told = ["worse", "unknown_now", "better", "known_now"].filter((change) => counts[change]);
  if (!told.length) return [word("comparison.same")];
  return told.map((change) => element("span", { class: `change ${change}` }, `${MARK_OF[change]} ${word(`change.${change}`)} ${figure(counts[change])} `));
}

function drawFacilityList() {
  const count = (list, of = () => true) => {
    const counts = {};
    list.forEach((category, i) => { if (of(i)) counts[category] = (counts[category] ?? 0) + 1; });
    return counts;
  };
  const all = sides.map((side) => count(side.facilities.categories));
  const [gone, fresh] = sides.map((side) => count(side.facilities.categories, (i) => side.marked.has(i)));
  fill("categories", ...allCategories().map((category, i) => {
    const { id, colour } = category;
    const box = element("input", { type: "checkbox", "data-category": id, onchange: () => switchCategories(id) });
    box.checked = !state.hidden.has(id);
    const [before, after] = all.map((counts) => counts[id] ?? 0);
    return element("li", {}, element("label", { class: before + after ? null : "empty" }, box,
      element("span", { class: "badge", style: `background:${colour};color:${inkOn(colour)}` }, String(i + 1)),
      element("span", { class: "name" }, category[state.language]),
      fresh[id] ? element("span", { class: "new", title: word("comparison.new") }, `+${figure(fresh[id])}`) : null,
      gone[id] ? element("span", { class: "gone", title: word("comparison.gone") }, `−${figure(gone[id])}`) : null,
      element("span", { class: "number" }, pair(figure(before), figure(after)))));
  }));
}

function switchCategories(...ids) {
  for (const id of ids) state.hidden.has(id) ? state.hidden.delete(id) : state.hidden.add(id);
  drawFacilityList();
  dressAll();
}

function switchEvery(shown) {
  state.hidden = new Set(shown ? [] : allCategories().map(({ id }) => id));
  drawFacilityList();
  dressAll();
}

// One row a class, with what it held and what it holds.
function drawBothLegend(found) {
  const classes = new Map();
  found.forEach((side, i) => side.forEach((entry) => {
    if (!classes.has(entry.key)) classes.set(entry.key, { entry, counts: [null, null] });
    classes.get(entry.key).counts[i] = entry;
  }));
  const anyPeople = sides.some((side) => side.units.people.some((people) => people >= 0));
  const units = (entry) => figure(entry?.units ?? 0);
  const people = (entry) => (entry && entry.units > 0 && entry.units === entry.unpeopled ? "–" : figure(entry?.people ?? 0));
  const rows = [...classes.values()].map(({ entry, counts }) => element("tr", { "data-class": entry.key, class: counts.some((side) => side?.units) ? null : "absent" },
    element("td", {}, element("span", { class: "swatch", style: `background:${hatching(entry)}` })),
    element("td", {}, `${entry.mark} ${on(sides[1], () => entry.text())}`),
    element("td", { class: "number" }, pair(...counts.map(units))),
    anyPeople ? element("td", { class: "number" }, pair(...counts.map(people))) : null));
  const head = element("tr", { class: "heads" }, element("td"), element("td"),
    element("th", {}, word("legend.units")), anyPeople ? element("th", {}, word("legend.people")) : null);
  const { change, texts } = comparison.changes;
  const told = texts.change.filter((name, code) => name !== "measure" && change.includes(code)).map((name) => element("span", {}, `${MARK_OF[name]} ${word(`change.${name}`)}`));
  fill("legend", element("h3", {}, state.theme < 0 ? word("theme.overall_hint") : given(titleOf(state.theme))),
    state.theme < 0 ? null : element("p", { class: "clause" }, `${word("legend.asks")}${word("colon")}${pair(...sides.map(asksOn))}`),
    element("table", {}, element("tbody", {}, head, ...rows)),
    state.marks && told.length ? element("p", { class: "note marks" }, ...told) : null);
  return [...classes.values()].map(({ entry, counts }) => ({ key: entry.key, units: counts.map((side) => side?.units ?? 0), people: counts.map((side) => side?.people ?? 0) }));
}

function asksOn(side) {
  const rule = side.rule[state.theme];
  return rule < 0 ? "–" : on(side, () => asksText(rule));
}
