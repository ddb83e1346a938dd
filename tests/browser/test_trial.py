"""What the page finds of changes that are tried on it is what an audit with them finds."""

from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from circle15.assess.audit import Audit, audit
from circle15.assess.subjects import find_subjects
from circle15.network.build import build_network
from circle15.network.profile import WalkProfile
from circle15.present.page import TRIAL_SCRIPTS
from circle15.present.trial_payload import build_trial
from circle15.project.place import danghu_place
from circle15.project.runs import audit_place
from circle15.project.settings import Project
from circle15.scenario.changes import Add, Change, Move, NewPath, Remove, audit_changed
from circle15.sources.samples import helsinki_extract
from circle15.standards.kinds import Standard
from fixtures import facilities, layer, points, streets

pytestmark = pytest.mark.browser

#: Changes are made one after the other; then every rule is told.
TRY = """([changes, back]) => {
  for (const change of changes) tryChange(change, trial);
  for (let i = 0; i < back; i += 1) undo(trial);
  prepare(trial.rules, trial);
  return trial.rules.map((rule) => {
    const { verdict, measure, affected, share_min: least } = judgeRule(rule, trial);
    const numbers = (values) => [...values].map((value) => (Number.isFinite(value) ? value : null));
    return { rule: rule.rule, asked: rule.asked, verdict, measure: numbers(measure), affected: numbers(affected), least: numbers(least) };
  });
}"""


@pytest.fixture
def try_on_page(chromium) -> Any:
    """Return a function that lays out an audit on a page, and one that tries changes there."""
    folder = files("circle15.present") / "templates" / "trial"
    page = chromium.new_page()
    page.add_script_tag(
        content="\n".join((folder / f"{name}.js").read_text("utf-8") for name in TRIAL_SCRIPTS)
    )

    def lay_out(found: Audit) -> Callable[..., list[dict[str, Any]]]:
        categories = found.facilities["category"].astype(str).tolist()
        page.evaluate(
            "([coded, categories]) => { window.trial = createTrial(coded, categories); }",
            [build_trial(found), categories],
        )
        return lambda changes, back=0: page.evaluate(TRY, [changes, back])

    yield lay_out
    page.close()


def as_page_knows(changes: list[Change], found: Audit) -> list[dict[str, Any]]:
    """Name facilities by their number, as the page does; new ones are counted on."""
    number = {str(name): i for i, name in enumerate(found.facilities.index)}
    told = []
    for change in changes:
        values = change.model_dump(mode="json")
        name = values.pop("facility_id", None)
        if isinstance(change, Add):
            number[name] = len(number)
        elif name is not None:
            values["facility"] = number[name]
        told.append(values)
    return told


def draw_changes(found: Audit, seed: int, kinds: str, n: int = 12) -> list[Change]:
    """Draw changes near homes; what was added may be moved and removed later."""
    rng = np.random.default_rng(seed)
    homes = found.inputs.demand.geometry.to_crs(4326).representative_point()
    at = shapely.get_coordinates(homes.values)
    categories = sorted({c for lane in build_trial(found)["lanes"] for c in lane["categories"]})
    there = [str(name) for name in found.facilities.index]
    changes: list[Change] = []
    for number in range(n):
        kind = str(rng.choice(kinds.split()))
        lon, lat = at[rng.integers(len(at))] + rng.normal(0, 3e-4, 2)
        if kind == "path":
            beside = rng.normal(0, 2e-3, 2)
            bend = beside / 2 + rng.normal(0, 3e-4, 2)
            steps = [(0.0, 0.0), bend, beside]
            changes.append(NewPath(coordinates=tuple((lon + x, lat + y) for x, y in steps)))
        elif kind == "add" or not there:
            there.append(f"new-{number}")
            category = str(rng.choice(categories))
            changes.append(Add(facility_id=there[-1], category=category, lon=lon, lat=lat))
        elif kind == "move":
            changes.append(Move(facility_id=str(rng.choice(there)), lon=lon, lat=lat))
        else:
            changes.append(Remove(facility_id=there.pop(int(rng.integers(len(there))))))
    return changes


def assert_same(told: list[dict[str, Any]], found: Audit) -> None:
    names = find_subjects(found.units).table.index
    for rule in told:
        if not rule["asked"]:
            continue
        rule_id = found.standard.rules[rule["rule"]].rule_id
        rows = found.measures.xs(rule_id, level="rule_id").reindex(names[rule["asked"]])
        assert rule["verdict"] == rows["verdict"].tolist(), rule_id
        for figure, column in (
            ("measure", "measure"),
            ("affected", "people_affected"),
            ("least", "share_min"),
        ):
            mine = np.array(rule[figure], float)
            theirs = rows[column].to_numpy(float)
            if figure == "measure":
                assert (np.isnan(mine) == np.isnan(theirs)).all(), rule_id
            both = ~np.isnan(mine) & ~np.isnan(theirs)
            np.testing.assert_allclose(mine[both], theirs[both], rtol=1e-5, atol=1e-5)


@pytest.fixture(scope="module")
def danghu() -> Audit:
    project = Project(network=helsinki_extract(), standard="mudanjiang-2025")
    return audit_place(danghu_place(), project)


@pytest.fixture(scope="module")
def helsinki_baskets() -> Audit:
    """Return Helsinki with a border beyond which nothing is known, against baskets."""
    from circle15.project.runs import audit_project

    return audit_project(Project(network=helsinki_extract(), standard="convenience-circle"))


def draw_town(seed: int) -> Audit:
    """Draw a town with all that may differ: steps, parts, areas, doubts, parents, groups."""
    rng = np.random.default_rng(seed)
    side = 7
    at = rng.uniform(-25, 25, (side, side, 2)) + 100 * np.stack(
        np.meshgrid(np.arange(side), np.arange(side), indexing="ij"), axis=-1
    )
    lines = [(at[i, j], at[i + 1, j]) for i in range(side - 1) for j in range(side)]
    lines += [(at[i, j], at[i, j + 1]) for i in range(side) for j in range(side - 1)]
    lines = [line for line in lines if rng.random() < 0.75]
    drawn = streets(
        *[[line[0], line[0] + rng.uniform(20, 60, 2), line[1]] for line in lines],
        highway=rng.choice(["residential", "steps", "footway"], len(lines), p=[0.7, 0.2, 0.1]),
    )
    n_homes, n_facilities = 60, 14
    homes = points(*rng.uniform(-30, 630, (n_homes, 2)), name="demand_id")
    units = layer(
        [shapely.box(x, y, x + 225, y + 225) for x in (-40, 185, 410) for y in (-40, 185, 410)],
        "unit_id",
        kind="community",
        scope=rng.choice(["urban", "rural"], 9),
        parent_id=rng.choice(["east", "west"], 9),
    )
    inside = homes.sjoin(units[["geometry"]], how="left")["unit_id"]
    population = rng.integers(1, 40, n_homes).astype(float)
    demand = homes.assign(
        unit_id=inside[~inside.index.duplicated()].reindex(homes.index),
        weight=population,
        population=population,
        population_elderly=np.floor(population / 3),
    )
    spots = rng.uniform(0, 600, (n_facilities, 2))
    placed = facilities(*spots, category=rng.choice(["shop", "clinic", "park"], n_facilities))
    shapes = np.asarray(placed.geometry.values).copy()
    shapes[0] = shapes[0].buffer(70)
    placed = placed.set_geometry(gpd.GeoSeries(shapes, placed.index, crs=placed.crs)).assign(
        tier=rng.choice(["centre", "station", None], n_facilities, p=[0.6, 0.3, 0.1])
    )
    common = {"clause": "c", "confidence": "own choice", "title_zh": "规", "title_en": "rule"}
    asked = [
        {"category": "shop", "threshold": 5, "pass_share": 0.8},
        {"category": "park", "measured": "metres", "threshold": 250, "pass_share": 0.9},
        {"category": "clinic", "tier": "centre", "threshold": 6, "pass_share": 0.7},
        {"category": "clinic", "threshold": 5, "pass_share": 0.7, "profile": "wheelchair"},
        {"category": "clinic", "threshold": 8, "pass_share": 0.7, "group": "elderly"},
        {"category": "bank", "threshold": 8, "pass_share": 1.0, "unit": ["street"]},
        {"category": "park", "any_of": ["shop"], "threshold": 3, "pass_share": 1, "scope": "urban"},
        {
            "kind": "basket",
            "category": "basket",
            "members": ["shop", "clinic", "bank"],
            "minutes": 6,
            "threshold": 2,
            "pass_share": 0.8,
        },
        {
            "kind": "count_within",
            "category": "shop",
            "minutes": 6,
            "threshold": 2,
            "pass_share": 0.6,
        },
    ]
    rules = [{**common, "rule_id": f"R-{i}", **rule} for i, rule in enumerate(asked)]
    head = {"name": "town", "title_zh": "镇", "title_en": "Town", "source": "this test"}
    extent = gpd.GeoSeries([shapely.box(-60, -60, 660, 500 + seed % 3 * 80)])
    extent = layer(list(extent)).geometry if seed % 2 else None
    return audit(
        units,
        placed,
        build_network(drawn),
        Standard.model_validate({**head, "rules": rules}),
        demand=demand,
        complete=["bank"] if seed % 3 else [],
        profile=WalkProfile("hand", 3.6, max_access_m=60),
        extent=extent,
    )


@pytest.mark.parametrize("seed", range(6))
def test_towns_drawn_at_random_are_judged_alike_after_any_changes(seed, try_on_page):
    before = draw_town(seed)
    changes = draw_changes(before, seed, "add move remove path")
    after = audit_changed(before, changes)
    attempt = try_on_page(before)
    assert_same(attempt([]), before)
    assert_same(attempt(as_page_knows(changes, before)), after)
    assert_same(attempt([], back=len(changes)), before)


@pytest.mark.parametrize("place", ["helsinki_audit", "helsinki_baskets", "danghu"])
def test_real_places_are_judged_alike_after_changes(place, request, try_on_page):
    before = request.getfixturevalue(place)
    changes = draw_changes(before, 4, "add move remove path", n=9)
    attempt = try_on_page(before)
    assert_same(attempt(as_page_knows(changes, before)), audit_changed(before, changes))
    assert_same(attempt([], back=9), before)


def test_what_the_page_cannot_try_it_says(helsinki_audit, monkeypatch):
    monkeypatch.setattr("circle15.present.trial_payload.MOST_NODES", 10)
    assert build_trial(helsinki_audit) == {"why_not": "too_large"}
    network = helsinki_audit.network
    one_way = replace(network, edges=network.edges.assign(backward_impedance=2.0))
    assert build_trial(replace(helsinki_audit, network=one_way)) == {"why_not": "by_direction"}
    no_rules = helsinki_audit.standard.model_copy(update={"rules": ()})
    assert build_trial(replace(helsinki_audit, standard=no_rules)) == {"why_not": "no_walks"}
