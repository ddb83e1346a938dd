// Left column: what colours the blocks, and which facilities are shown.

// More rules than these are listed group by group, each opened at a wish.
const FEW_RULES = 14;

function drawThemes() {
  fill("themes", wholeTheme(OVERALL, "overall"), data.worst.size ? wholeTheme(RANK, "rank") : null, ...themeRows());
  document.getElementById("filter").hidden = data.rules.length <= FEW_RULES;
  for (const mode of ["verdict", "minutes"]) {
    const button = document.getElementById(`by-${mode}`);
    button.setAttribute("aria-pressed", String((mode === "minutes") === shaded(state.theme, state.mode)));
    button.disabled = state.theme < 0 || (mode === "minutes" && !canShade(state.theme));
  }
  document.getElementById("by-minutes").textContent = word(data.rules[state.theme]?.of ? "theme.by_count" : "theme.by_minutes");
}

// A theme that is about all rules together.
function wholeTheme(theme, name) {
  return element("li", {}, element("button", { type: "button", "data-theme-of-all": name, "aria-pressed": String(state.theme === theme), onclick: () => setTheme(theme) },
    element("span", { class: "name" }, word(`theme.${name}`)),
    element("span", { class: "hint small soft" }, word(`theme.${name}_hint`))));
}

// Kinds of rule by what they are about; all others are about what units have.
const GROUPS = {
  reach: "walk", basket: "walk", count_within: "walk", hierarchy: "chain",
  colocation: "facility", opening: "facility", attribute: "facility",
};

function groupOf(rule) {
  return GROUPS[data.rules[rule].kind] ?? "unit";
}

// Rules by group, in the order in which the groups first stand in the standard.
function groupedRules() {
  const groups = new Map();
  data.rules.forEach((_, rule) => {
    const group = groupOf(rule);
    groups.set(group, [...(groups.get(group) ?? []), rule]);
  });
  return [...groups];
}

function themeRows() {
  const groups = groupedRules();
  const wanted = state.filter.trim().toLowerCase();
  const fits = (rule) => !wanted || `${data.rules[rule].id}\n${ruleTitle(rule)}`.toLowerCase().includes(wanted);
  const few = data.rules.length <= FEW_RULES;
  if (groups.length === 1) return found(data.rules.map((_, rule) => rule).filter(fits).map(themeRow));
  return found(groups.flatMap(([group, all]) => {
    const rules = all.filter(fits);
    const open = Boolean(wanted || few || state.open.has(group));
    return rules.length ? [groupRow(group, rules.length, open), ...(open ? rules.map(themeRow) : [])] : [];
  }));
}

function found(rows) {
  return rows.length ? rows : [element("li", { class: "soft none" }, word("theme.no_match"))];
}

function groupRow(group, n, open) {
  const act = () => { state.open.has(group) ? state.open.delete(group) : state.open.add(group); drawThemes(); };
  return element("li", {}, element("button", { class: "group", type: "button", "aria-expanded": String(open), onclick: act },
    element("span", { class: "name" }, word(`rule_group.${group}`)), element("span", { class: "number" }, figure(n))));
}

function themeRow(rule) {
  const { clause, summary } = data.rules[rule];
  const [least, most] = coverageOf(summary);
  const [share, ofThese] = coverageText(summary);
  return element("li", {}, element("button", {
    type: "button", "data-theme": rule, "aria-pressed": String(state.theme === rule), class: summary.units ? null : "unasked",
    title: `${ruleTitle(rule)} · ${clause}`, onclick: () => setTheme(rule),
  },
    element("span", { class: "name" }, given(ruleTitle(rule)), sureness(rule)),
    element("span", { class: "number" }, share),
    element("span", { class: "asks small soft" }, asksText(rule)),
    element("span", { class: "number small soft" }, ofThese),
    least === null ? null : coverageBar(least, most)));
}

function coverageBar(least, most) {
  return element("div", { class: "bar" },
    element("i", { class: "most", style: `width:${most * 100}%` }), element("i", { style: `width:${least * 100}%` }));
}

function drawCategories() {
  const counts = {};
  for (const category of data.facilities.categories) counts[category] = (counts[category] ?? 0) + 1;
  fill("categories", ...data.categories.map(({ id, colour }, i) => {
    const count = counts[id] ?? 0;
    const box = element("input", { type: "checkbox", "data-category": id, onchange: () => switchCategory(id) });
    box.checked = !state.hidden.has(id);
    return element("li", {}, element("label", { class: count ? null : "empty" }, box,
      element("span", { class: "badge", style: `background:${colour};color:${inkOn(colour)}` }, String(i + 1)),
      element("span", { class: "name" }, categoryName(id)), element("span", { class: "number" }, figure(count))));
  }));
}

function switchCategory(id) {
  state.hidden.has(id) ? state.hidden.delete(id) : state.hidden.add(id);
  refreshFacilities();
}

function switchAll(shown) {
  state.hidden = new Set(shown ? [] : data.categories.map(({ id }) => id));
  refreshFacilities();
}

function refreshFacilities() {
  drawCategories();
  dressDiscs();
  canvas.repaint();
  drawLabels();
}
