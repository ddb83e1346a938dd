// Which units are looked at: those of a street, of a kind, urban or rural ones, those where a
// group lives. What is filtered out fades on the map, and is in no count and no list.

// Each filter: its values, and whether a unit has one of them.
const FILTERS = {
  parent: {
    values: () => distinct(data.units.parents),
    text: (id) => data.parentNames.get(id) ?? id,
    has: (unit, id) => data.units.parents[unit] === id,
  },
  kind: {
    values: () => distinct(data.units.kinds),
    text: (kind) => wordOr(`kind.${kind}`, kind),
    has: (unit, kind) => data.units.kinds[unit] === kind,
  },
  scope: {
    values: () => distinct(data.units.scopes),
    text: (scope) => wordOr(`scope.${scope}`, scope),
    has: (unit, scope) => data.units.scopes[unit] === scope,
  },
  group: {
    values: () => Object.keys(data.units.groups),
    text: (group) => word(`group.${group}`),
    has: (unit, group) => data.units.groups[group][unit] > 0,
  },
};

function distinct(values) {
  return [...new Set(values ?? [])].filter((value) => value !== null).sort((a, b) => a.localeCompare(b, "zh"));
}

// Streets by name, and by id as well where two are called the same.
function namesOfParents() {
  const names = data.above.ids.map((id, i) => data.above.names?.[i] ?? id);
  return new Map(data.above.ids.map((id, i) => [id, names.indexOf(names[i]) === names.lastIndexOf(names[i]) ? names[i] : `${names[i]} (${id})`]));
}

// A filter with one value would change nothing; of groups already one is worth a filter.
function usefulFilters() {
  return Object.keys(FILTERS).filter((name) => FILTERS[name].values().length > (name === "group" ? 0 : 1));
}

function filtersOn() {
  return Object.keys(FILTERS).filter((name) => state.only[name] !== "");
}

// Works out once which units are looked at, since all else asks for every unit.
function applyFilters() {
  const on = filtersOn();
  data.inside = data.units.ids.map((_, unit) => on.every((name) => FILTERS[name].has(unit, state.only[name])));
}

// Streets and the whole area are left out by filters that are not about them.
function isInside(unit) {
  const n = data.units.ids.length;
  if (unit < n) return data.inside[unit];
  const on = filtersOn();
  return !on.length || (on.length === 1 && on[0] === "parent" && data.above.ids[unit - n] === state.only.parent);
}

// People of a unit in tenths, of the group looked at where there is one; -1 where not known.
function peopleOf(unit) {
  return (data.units.groups[state.only.group] ?? data.units.people)[unit];
}

function setFilter(name, value) {
  state.only[name] = value;
  applyFilters();
  refresh();
}

function clearFilters() {
  for (const name of filtersOn()) state.only[name] = "";
  applyFilters();
  drawFilters();
  refresh();
}

function drawFilters() {
  const names = usefulFilters();
  document.getElementById("filters").hidden = !names.length;
  fill("filter-list", ...names.map((name) => {
    const { values, text } = FILTERS[name];
    const choice = element("select", { id: `only-${name}`, onchange: (event) => setFilter(name, event.target.value) },
      element("option", { value: "" }, word("filter.all")),
      ...values().map((value) => element("option", { value, "data-data": name === "parent" }, text(value))));
    choice.value = state.only[name];
    return element("li", {}, element("label", {}, element("span", {}, word(`filter.${name}`)), choice));
  }));
}

// Over the map, so that nobody takes a part for the whole.
function drawFiltered() {
  const on = filtersOn();
  const strip = document.getElementById("filtered");
  strip.hidden = !on.length;
  if (!on.length) return strip.replaceChildren();
  const n = data.inside.filter(Boolean).length;
  const said = on.map((name) => element("b", { "data-data": name === "parent" }, FILTERS[name].text(state.only[name])));
  strip.replaceChildren(
    element("span", {}, `${word("filter.on")}${word("colon")}`, ...said.flatMap((text, i) => (i ? [word("list_comma"), text] : [text]))),
    element("span", {}, word("filter.count", { n: figure(n), all: figure(data.units.ids.length) })),
    element("button", { type: "button", onclick: clearFilters }, word("filter.clear")));
}
