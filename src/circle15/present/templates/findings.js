// The findings on a map and in a list: what is wrong, where, and how to mend it.

const COLOURS = { error: "#a3182b", warning: "#c35f17", note: "#5b6f86" };
const words = JSON.parse(document.getElementById("words").textContent);
const state = { language: "zh", kind: null, row: -1 };
let data, map, canvas, marks = [], shape = null;

function word(key, values = {}) {
  return (words[state.language][key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function mark(severity) {
  return element("span", { class: `mark ${severity}`, title: word(`severity.${severity}`) });
}

function figure(value) {
  return value.toLocaleString(state.language === "zh" ? "zh-CN" : "en-GB");
}

function inKind(row) {
  return state.kind === null || data.rows.kind[row] === state.kind;
}

function text(row, name) {
  return data.rows[state.language === "zh" ? `${name}_zh` : name][row];
}

function drawKinds() {
  const all = data.kinds.reduce((sum, kind) => sum + kind.n, 0);
  const button = (kind, label, n, severity) => element("li", {}, element("button",
    { type: "button", "aria-pressed": String(state.kind === kind), onclick: () => { state.kind = kind; draw(); } },
    severity ? mark(severity) : "", element("span", { class: "text" }, label), element("span", { class: "number" }, figure(n))));
  document.getElementById("kinds").replaceChildren(
    button(null, word("findings.all"), all, ""),
    ...data.kinds.map(({ kind, severity, n }) => button(kind, word(`finding_kind.${kind}`), n, severity)));
}

function drawRows() {
  const rows = data.severity.map((_, row) => row).filter(inKind);
  const listed = rows.map((row) => {
    // A layer by its name in this language, or a file by its own.
    const layer = words[state.language][`layer.${data.rows.layer[row]}`] ?? data.rows.layer[row];
    const where = [layer, data.rows.row[row], data.rows.column[row]].filter(Boolean).join(" · ");
    const people = data.people[row] ? ` · ${word("findings.people", { n: figure(data.people[row]) })}` : "";
    return element("li", { "data-row": row, "aria-current": String(row === state.row), onclick: () => choose(row) },
      mark(data.severity[row]), " ", text(row, "what"), element("div", {}, text(row, "fix")),
      element("div", { class: "where" }, where + people));
  });
  document.getElementById("rows").replaceChildren(...listed);
  marks.forEach((disc, row) => { if (disc) inKind(row) ? disc.addTo(map) : disc.remove(); });
}

// Shows a finding on the map as it lies there.
function choose(row) {
  state.row = row;
  shape?.remove();
  shape = null;
  const style = { color: COLOURS[data.severity[row]], weight: 4, fillOpacity: 0.2, interactive: false, renderer: canvas };
  if (data.shapes[row]) {
    shape = L.geoJSON(data.shapes[row], { style: () => style }).addTo(map);
    map.fitBounds(shape.getBounds(), { maxZoom: 17, padding: [40, 40], animate: false });
  } else if (marks[row]) {
    shape = L.circleMarker(marks[row].getLatLng(), { ...style, radius: 13, fill: false }).addTo(map);
    map.setView(marks[row].getLatLng(), Math.max(map.getZoom(), 16), { animate: false });
  }
  for (const item of document.querySelectorAll("#rows li")) item.setAttribute("aria-current", String(Number(item.dataset.row) === row));
  document.querySelector("#rows li[aria-current=true]")?.scrollIntoView({ block: "nearest" });
}

function drawMap() {
  map = L.map("map", { attributionControl: false, fadeAnimation: false, zoomSnap: 0.25, maxZoom: 20 });
  canvas = L.canvas({ padding: 0.3, tolerance: 4 });
  const courses = ["paths", "minor", "major"].map((kind) => [kind, lines(data.streets[kind])]);
  const all = courses.flatMap(([, course]) => course.flat());
  const spots = places(data.places);
  map.fitBounds(L.latLngBounds(all.length ? all : spots.filter(Boolean)), { animate: false });
  const weights = { paths: 0.7, minor: 1.4, major: 2.6 };
  for (const [kind, course] of courses) L.polyline(course, { renderer: canvas, interactive: false, color: "#ffffff", weight: weights[kind] }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  marks = spots.map((place, row) => place && L.circleMarker(place, {
    renderer: canvas, radius: 6, weight: 1.5, color: "#ffffff", fillColor: COLOURS[data.severity[row]], fillOpacity: 0.95,
  }).on("click", () => { if (!inKind(row)) state.kind = null; draw(); choose(row); }));
}

function draw() {
  document.documentElement.lang = state.language === "zh" ? "zh-CN" : "en";
  document.title = data.title || word("findings.title");
  document.getElementById("title").textContent = document.title;
  const n = data.kinds.reduce((sum, kind) => sum + kind.n, 0);
  document.getElementById("subtitle").textContent = n ? word("findings.subtitle", { n: figure(n) }) : word("findings.none");
  document.getElementById("language").textContent = word("other_language");
  drawKinds();
  drawRows();
}

async function start() {
  data = await inflate(document.getElementById("payload").textContent);
  state.language = /^zh/i.test(navigator.language) ? "zh" : "en";
  document.getElementById("language").addEventListener("click", () => { state.language = state.language === "zh" ? "en" : "zh"; draw(); });
  document.getElementById("owner").textContent = data.owner;
  drawMap();
  draw();
  window.circle15 = { ready: true, state, data, map: () => map, shown: () => marks.filter((disc) => disc && map.hasLayer(disc)).length };
}

start();
