// The legend counts what each class holds. People who are not known are never counted as 0.

function drawLegend(classes) {
  const anyPeople = data.units.ids.some((_, unit) => peopleOf(unit) >= 0);
  const rows = classes.map((entry) => element("tr", { class: entry.units ? null : "absent" },
    element("td", {}, element("span", { class: "swatch", style: `background:${hatching(entry)}` })),
    element("td", {}, `${entry.mark} ${entry.text()}`),
    element("td", { class: "number" }, figure(entry.units)),
    anyPeople ? element("td", { class: "number" }, entry.units > 0 && entry.units === entry.unpeopled ? "–" : figure(entry.people)) : null));
  const head = element("tr", { class: "heads" }, element("td"), element("td"),
    element("th", {}, word("legend.units")), anyPeople ? element("th", {}, word(state.only.group ? `group.${state.only.group}` : "legend.people")) : null);
  const aboveOnly = state.theme >= 0 && classes.every(({ key, units }) => key === "not_asked" || !units);
  const unpeopled = classes.reduce((sum, entry) => sum + entry.unpeopled, 0);
  const note = [aboveOnly ? word(data.rules[state.theme].summary.units ? "legend.above_only" : "summary.nobody_asked") : null, anyPeople ? word("legend.unit_people") : null,
    anyPeople && unpeopled ? `(${word("legend.unknown_people", { n: figure(unpeopled) })})` : null].filter(Boolean).join(" ");
  const rule = data.rules[state.theme];
  fill("legend", element("h3", {}, themeTitle()),
    rule ? element("p", { class: "clause" }, `${word("legend.asks")}${word("colon")}${asksText(state.theme)}`, sureness(state.theme)) : null,
    rule ? element("p", { class: "clause" }, `${word("summary.clause")}${word("colon")}`, given(rule.clause)) : null,
    element("table", {}, head, ...rows),
    note ? element("p", { class: "note" }, note) : null);
}

function themeTitle() {
  if (state.theme >= 0) return given(ruleTitle(state.theme));
  return word(state.theme === RANK ? "theme.rank_hint" : "theme.overall_hint");
}
