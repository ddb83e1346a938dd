// Trying changes: put, move and remove facilities, draw paths; map, tables and ledger follow at once.

// What a click on the map does, and what has been begun: points of a path, a facility picked up.
const attempt = { mode: "add", category: null, points: [], picked: null, trial: null, why: null, base: null, gains: [] };
const TRIAL_MODES = ["add", "move", "remove", "path"];
const BY_SHARE = { people: true, units: true, places: true };
let sketch = null;

async function openTrial() {
  fill("trial", element("p", { class: "empty", role: "status" }, word("trial.preparing")));
  if (attempt.opening) return;
  attempt.opening = true;
  // The words above are on the screen before the page is busy.
  await new Promise((done) => setTimeout(done, 30));
  const coded = await inflate(document.getElementById("trial-payload").textContent);
  attempt.why = coded.why_not ?? null;
  if (!attempt.why) {
    attempt.trial = createTrial(coded, data.facilities.categories);
    attempt.base = structuredClone({ measures: data.measures, ledger: data.ledger, summaries: data.rules.map(({ summary }) => summary) });
    attempt.category = triedCategories()[0];
    onMapClick = takeClick;
    onDiscClick = takeDisc;
    onDiscDown = beginDrag;
  }
  drawTrial();
}

function triedCategories() {
  return data.categories.map(({ id }) => id).filter((id) => attempt.trial.lanes.some(({ categories }) => categories.includes(id)));
}

const isTrying = () => state.tab === "trial" && attempt.trial !== null;

function drawTrial() {
  // Nothing is made ready before somebody wants it.
  if (!attempt.trial && !attempt.why) return state.tab === "trial" ? openTrial() : undefined;
  if (attempt.why) return fill("trial", element("p", { class: "empty" }, word(`trial.why_${attempt.why}`)));
  const focused = document.activeElement?.closest("#trial") && document.activeElement.id;
  const { trial } = attempt, act = (key, onclick, disabled = false) => element("button", { type: "button", id: `trial-${key}`, onclick, disabled }, word(`trial.${key}`));
  const modes = TRIAL_MODES.map((mode) => element("button", { type: "button", "data-mode": mode, "aria-pressed": String(mode === attempt.mode), onclick: () => setTrialMode(mode) }, word(`trial.${mode}`)));
  fill("trial",
    element("p", { class: "note" }, word("trial.about")),
    element("div", { class: "switch", role: "group", "aria-label": word("trial.what") }, ...modes),
    attempt.mode === "add" ? categoryChoice() : null,
    element("p", { class: "note", role: "status" }, word(`trial.how_${attempt.mode}${attempt.picked === null ? "" : "_picked"}`)),
    element("div", { class: "trial-acts" },
      act("here", () => takeClick(map.getCenter())),
      attempt.mode === "path" ? act("finish", finishPath, attempt.points.length < 2) : null,
      act("undo", undoLast, !trial.changes.length && !attempt.points.length),
      act("save", saveChanges, !trial.changes.length)),
    element("h3", {}, word("trial.changes")),
    trial.changes.length ? element("ol", { id: "trial-changes" }, ...trial.changes.map(changeLine)) : element("p", { class: "soft" }, word("trial.none")),
    element("p", { class: "note" }, word("trial.others")));
  // Whoever works with keys stays where they were.
  if (focused) document.getElementById(focused)?.focus();
}

function categoryChoice() {
  const choice = element("select", { id: "trial-category", "aria-label": word("trial.category"), onchange: (event) => { attempt.category = event.target.value; readyFor(attempt.category); } },
    ...triedCategories().map((id) => element("option", { value: id }, categoryName(id))));
  choice.value = attempt.category;
  return choice;
}

// Searches ahead, so that the click itself is answered at once.
function readyFor(category) {
  prepare(touchedBy(category, attempt.trial), attempt.trial);
}

function setTrialMode(mode) {
  Object.assign(attempt, { mode, points: [], picked: null });
  if (mode === "path") readyFor(null);
  drawSketch();
  drawTrial();
  document.querySelector(`#trial [data-mode="${mode}"]`).focus();
}

function changeLine(change, i) {
  const { action } = change, category = action === "path" ? "" : categoryName(change.category ?? data.facilities.categories[change.facility]);
  const gains = attempt.gains[i].map(([rule, gained]) => element("li", {}, given(ruleTitle(rule)), `${word("colon")}${word(`trial.${gained < 0 ? "lost" : "gained"}_${attempt.trial.homes.known ? "people" : "units"}`, { n: figure(Math.round(Math.abs(gained))) })}`));
  return element("li", {}, element("b", {}, [word(`trial.done_${action}`), category].filter(Boolean).join(word("colon"))),
    gains.length ? element("ul", {}, ...gains) : element("span", { class: "soft" }, ` ${word("trial.no_gain")}`));
}

// A click on the map while changes are tried; tells whether it was taken.
function takeClick({ lat, lng: lon }) {
  if (!isTrying()) return false;
  hideTip();
  if (attempt.mode === "add") make({ action: "add", category: attempt.category, lon, lat });
  else if (attempt.mode === "path") {
    attempt.points.push([lon, lat]);
    drawSketch();
    drawTrial();
  } else if (attempt.picked !== null) make({ action: "move", facility: attempt.picked, lon, lat });
  else takeDisc(nearestFacility(lat, lon));
  return true;
}

function takeDisc(facility) {
  if (!isTrying() || facility === null) return false;
  if (attempt.mode === "remove") make({ action: "remove", facility });
  else if (attempt.mode === "move" && attempt.picked === null) {
    attempt.picked = facility;
    drawSketch();
    drawTrial();
  } else return takeClick(discs[facility].getLatLng());
  return true;
}

// The facility that is meant by a click or a finger beside it.
function nearestFacility(lat, lon) {
  const at = map.latLngToContainerPoint([lat, lon]);
  let [best, least] = [null, 30];
  discs.forEach((disc, facility) => {
    if (!disc || !map.hasLayer(disc)) return;
    const apart = map.latLngToContainerPoint(disc.getLatLng()).distanceTo(at);
    if (apart < least) [best, least] = [facility, apart];
  });
  return best;
}

function beginDrag(facility) {
  if (!isTrying() || attempt.mode !== "move") return;
  const from = map.latLngToContainerPoint(discs[facility].getLatLng());
  map.dragging.disable();
  const follow = ({ latlng }) => { discs[facility].setLatLng(latlng); };
  map.on("mousemove", follow);
  map.once("mouseup", ({ latlng }) => {
    map.off("mousemove", follow);
    map.dragging.enable();
    if (map.latLngToContainerPoint(latlng).distanceTo(from) < 4) return;
    attempt.picked = null;
    attempt.dragged = true;
    setTimeout(() => { attempt.dragged = false; }, 0);
    make({ action: "move", facility, lon: latlng.lng, lat: latlng.lat });
  });
}

function make(change) {
  if (attempt.dragged && change.action !== "move") return;
  const { trial } = attempt;
  readyFor(change.action === "path" ? null : change.category ?? trial.facilities[change.facility].category);
  const before = coveredBy(trial);
  const rules = tryChange(change, trial);
  rules.forEach((rule) => judgeRule(rule, trial));
  attempt.gains.push(gainsSince(before, trial));
  Object.assign(attempt, { picked: null, points: [] });
  showTrial(rules);
}

function finishPath() {
  make({ action: "path", coordinates: attempt.points });
}

function undoLast() {
  if (attempt.points.length) {
    attempt.points.pop();
    drawSketch();
    return drawTrial();
  }
  attempt.gains.pop();
  attempt.picked = null;
  showTrial(undo(attempt.trial));
}

// What is covered of each unit: people, or the unit itself where nobody tells how many they are.
function coveredOf({ found }, trial) {
  return trial.homes.known ? found.covered.slice() : Float64Array.from(found.verdict, (verdict) => verdict === "covered");
}

function coveredBy(trial) {
  return new Map(trial.rules.filter(({ found }) => found).map((rule) => [rule.rule, coveredOf(rule, trial)]));
}

// How many are covered now that were not, by rule, minus those that are not any longer.
function gainsSince(before, trial) {
  const gains = [];
  for (const rule of trial.rules) {
    const was = before.get(rule.rule);
    if (!was) continue;
    const gained = coveredOf(rule, trial).reduce((sum, people, unit) => sum + people - was[unit], 0);
    if (Math.abs(gained) > 1e-6) gains.push([rule.rule, gained]);
  }
  return gains.sort(([, a], [, b]) => b - a);
}

// The path that is being drawn, and the facility that was picked up.
function drawSketch() {
  sketch?.remove();
  const flat = { renderer: canvas, interactive: false, color: LINES[state.look].ink, weight: 4, dashArray: "8 5" };
  const paths = (attempt.trial?.changes ?? []).filter(({ action }) => action === "path").map(({ coordinates }) => coordinates);
  const lines = [...paths, attempt.points].map((points) => points.map(([lon, lat]) => [lat, lon]));
  const parts = lines.filter((line) => line.length > 1).map((line) => L.polyline(line, flat));
  for (const [lon, lat] of attempt.points) parts.push(L.circleMarker([lat, lon], { ...flat, dashArray: null, radius: 5 }));
  if (attempt.picked !== null) parts.push(L.circleMarker(discs[attempt.picked].getLatLng(), { ...flat, radius: 14, fill: false }));
  sketch = L.layerGroup(parts).addTo(map);
}

// Puts what the rules have come to where the page reads it, and draws it.
function showTrial(rules) {
  for (const rule of rules) showRule(rule, judgeRule(rule, attempt.trial));
  showFacilities();
  drawSketch();
  data.ledger = attempt.trial.changes.length ? triedLedger() : attempt.base.ledger;
  data.rowOf = new Map(data.ledger.rule.map((rule, row) => [rule * data.places + data.ledger.unit[row], row]));
  data.tallies = data.units.ids.map((_, unit) => tally(unit));
  data.worst = worstFirst();
  document.getElementById("trying").hidden = !attempt.trial.changes.length;
  applyFilters();
  refresh();
}

function showRule(rule, found) {
  const { measure, verdict, facility, status } = data.measures, { digits, at_most: atMost, summary } = data.rules[rule.rule];
  const steps = 10 ** digits, reached = data.measures.texts.status.indexOf("reached");
  rule.rows.forEach((row, i) => {
    verdict[rule.rule][row] = VERDICTS.indexOf(found.verdict[i]);
    facility[rule.rule][row] = found.facility[i];
    const value = found.measure[i];
    measure[rule.rule][row] = Number.isFinite(value) ? onItsSide(value, rule.threshold, steps, atMost) : -1;
    if (Number.isFinite(value)) status[rule.rule][row] = reached;
  });
  const base = attempt.base.summaries[rule.rule], counts = { covered: 0, gap: 0, unknown: 0 };
  for (const each of found.verdict) counts[each] += 1;
  data.rules[rule.rule].summary = { ...summary, ...counts, ...coverageNow(rule, found, base, counts) };
}

// The share covered at least and at most, by what the rule counts.
function coverageNow(rule, found, base, counts) {
  if (!BY_SHARE[base.denominator] || base.coverage_min === null) return {};
  if (base.denominator !== "people") return { coverage_min: counts.covered / base.units, coverage_max: (counts.covered + counts.unknown) / base.units };
  const sum = (values) => values.reduce((a, b) => a + b, 0), all = sum(found.covered) + sum(found.affected);
  return { coverage_min: sum(found.covered) / all, coverage_max: (sum(found.covered) + sum(found.open)) / all };
}

// Rounded so that a figure stays on its side of what was asked.
function onItsSide(value, asked, steps, atMost) {
  const sign = atMost ? 1 : -1, slack = 1e-9 * Math.max(1, Math.abs(asked)), edge = Math.floor((sign * asked + slack) * steps);
  const beyond = sign * value > sign * asked + slack, nearest = Math.round(sign * value * steps);
  if (beyond && nearest <= edge) return sign * (edge + 1);
  return sign * (!beyond && nearest > edge ? edge : nearest);
}

// Discs where facilities are now.
function showFacilities() {
  const { changes } = attempt.trial, at = new Map();
  const first = attempt.trial.base.length;
  let next = first;
  for (const { action, facility, category, lon, lat } of changes) {
    if (action === "add") at.set(next++, { category, place: [lat, lon] });
    else if (action !== "path") at.set(facility, { category: data.facilities.categories[facility], place: action === "move" ? [lat, lon] : null });
  }
  for (const list of [data.facilities.ids, data.facilities.categories, data.facilities.names]) if (list) list.length = Math.min(list.length, first);
  attempt.shown?.forEach((disc, facility) => {
    discs[facility]?.remove();
    discs[facility] = disc;
  });
  attempt.shown = new Map();
  discs.length = Math.min(discs.length, first);
  for (const [facility, { category, place }] of at) {
    if (facility < first) {
      attempt.shown.set(facility, discs[facility]);
      discs[facility]?.remove();
    } else {
      data.facilities.ids[facility] = newId(facility - first);
      data.facilities.categories[facility] = category;
      if (data.facilities.names) data.facilities.names[facility] = null;
    }
    discs[facility] = place && makeDisc(place, facility);
  }
}

// An id that no facility has.
function newId(number) {
  const taken = new Set(data.facilities.ids.slice(0, attempt.trial.base.length));
  let name = `new-${number + 1}`;
  while (taken.has(name)) name = `new-${name}`;
  return name;
}

// The audit's ledger without what is covered now, and with what is not any longer. A row that has
// changed says so: the sentence that the audit found for it is no longer true.
function triedLedger() {
  const { ledger, measures } = attempt.base, { trial } = attempt, columns = Object.entries(ledger).filter(([, values]) => Array.isArray(values));
  const told = new Map(trial.rules.filter(({ found }) => found).flatMap((rule) => rule.rows.map((row, i) => [rule.rule * data.places + row, { rule, i }])));
  const sentence = ledger.texts.evidence.length, rows = [], seen = new Set();
  // Rows that are as they were keep the audit's figures; only the others are written anew.
  const write = (base, rule, unit) => {
    const at = told.get(rule * data.places + unit), now = data.measures;
    const changed = at && (now.verdict[rule][unit] !== measures.verdict[rule][unit] || now.measure[rule][unit] !== measures.measure[rule][unit]);
    const own = changed ? { ...trialFigures(at), evidence: sentence, reason: -1 } : null;
    return { base, own, rule, unit, affected: own?.affected ?? ledger.affected[base], late: Number(verdictOf(rule, unit) === "unknown") };
  };
  const figureOf = (name, values) => ({ base, own, rule, unit }) => (name === "rule" ? rule : name === "unit" ? unit : own && name in own ? own[name] : values[base] ?? -1);
  ledger.rule.forEach((rule, base) => {
    const row = ledger.unit[base];
    seen.add(rule * data.places + row);
    if (verdictOf(rule, row) !== "covered") rows.push(write(base, rule, row));
  });
  for (const [key, { rule }] of told) {
    const row = key - rule.rule * data.places;
    if (!seen.has(key) && verdictOf(rule.rule, row) !== "covered") rows.push(write(-1, rule.rule, row));
  }
  rows.sort((a, b) => a.late - b.late || Math.max(b.affected, 0) - Math.max(a.affected, 0));
  return {
    ...ledger,
    ...Object.fromEntries(columns.map(([name, values]) => [name, rows.map(figureOf(name, values))])),
    figures: Object.fromEntries(Object.entries(ledger.figures).map(([name, values]) => [name, rows.map(({ base }) => values[base] ?? -1)])),
    texts: { ...ledger.texts, evidence: [...ledger.texts.evidence, { zh: data.words.zh["trial.evidence"], en: data.words.en["trial.evidence"] }] },
  };
}

function trialFigures({ rule: { found }, i }) {
  const share = (value) => (Number.isFinite(value) ? Math.round(value * 1000) : -1);
  return { affected: attempt.trial.homes.known ? Math.round(found.affected[i]) : -1, share_min: share(found.share_min[i]), share_max: share(found.share_max[i]), cost: -1, yearly: 0 };
}

// The changes as a file that an audit can be made with.
function savedChanges() {
  let next = attempt.trial.base.length;
  return attempt.trial.changes.map(({ action, facility, category, lon, lat, coordinates }) => {
    if (action === "path") return { action, coordinates };
    const id = data.facilities.ids[action === "add" ? next++ : facility];
    return { action, facility_id: id, ...(action === "add" ? { category } : {}), ...(action === "remove" ? {} : { lon, lat }) };
  });
}

function saveChanges() {
  const link = element("a", { href: URL.createObjectURL(new Blob([JSON.stringify(savedChanges(), null, 1)], { type: "application/json" })), download: "changes.json" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
