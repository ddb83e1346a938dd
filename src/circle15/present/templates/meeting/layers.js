// Left column: what colours the blocks, and which facilities are shown.

function drawThemes() {
  const overall = element("li", {}, element("button", { type: "button", "aria-pressed": String(state.theme < 0), onclick: () => setTheme(-1) },
    element("span", { class: "name" }, word("theme.overall")),
    element("span", { class: "hint small soft" }, word("theme.overall_hint"))));
  fill("themes", overall, ...data.rules.map(themeRow));
  for (const mode of ["verdict", "minutes"]) {
    const button = document.getElementById(`by-${mode}`);
    button.setAttribute("aria-pressed", String(state.mode === mode));
    button.disabled = state.theme < 0;
  }
}

function themeRow(rule, position) {
  const [least, most] = coverageOf(rule.summary);
  return element("li", {}, element("button", {
    type: "button", "aria-pressed": String(state.theme === position), title: `${rule.clause} ${rule[state.language]}`, onclick: () => setTheme(position),
  },
    element("span", { class: "name" }, categoryName(rule.category)),
    element("span", { class: "number small soft" }, limitText(rule)),
    element("span", { class: "number" }, percentRange(least, most)),
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
