"""The benchmark beside peers: that it runs, and that no ratio is written for another answer."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def bench(monkeypatch):
    """Return a function that loads a module of the benchmark."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return lambda name: importlib.import_module(f"peers.{name}")


@pytest.fixture
def compare(bench, tmp_path):
    """Return a function that runs tools on the tiny network and gives their rows by name."""
    tasks, plan, graphs = bench("tasks"), bench("plan"), bench("graphs")

    def run(job, *tools):
        task = tasks.make_task(job, graphs.read_net("tiny", tmp_path, tmp_path), points=500)
        comparison = plan.Comparison(
            task, "tiny", plan.Options(tmp_path, tmp_path, 1, memory=False)
        )
        for tool in tools:
            comparison.add(tool)
        return {row["tool"]: row for row in comparison.finish()}

    return run


def own_tool(bench, job):
    return next(tool for tool in bench("plan").TOOLS if tool.job == job and tool.name == "scipy")


def test_the_command_writes_rows_and_the_page_made_of_them(tmp_path):
    command = [sys.executable, str(BENCHMARKS / "peers" / "run.py"), "--sizes", "tiny"]
    command += ["--jobs", "nearest", "--tools", "scipy", "breadth", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "results.json").read_text("utf-8"))
    rows = {row["tool"]: row for row in document["rows"]}
    assert {"circle15", "scipy", "scipy, contracted", "one breadth-first pass"} <= set(rows)
    for row in rows.values():
        assert list(row) == ["job", "size", "tool", "seconds", "ratio", "peak_mb", "note"]
        assert row["seconds"] > 0
        assert row["peak_mb"] > 1
        assert row["ratio"] == pytest.approx(row["seconds"] / rows["circle15"]["seconds"], rel=1e-2)
    page = (tmp_path / "performance.md").read_text("utf-8")
    assert page.strip() in done.stdout
    assert "| scipy, contracted |" in page


@pytest.mark.parametrize("job", ["nearest", "counts", "matrix"])
def test_a_peer_that_answers_something_else_gets_no_ratio(bench, compare, job):
    plan = bench("plan")
    right = own_tool(bench, job)

    def shifted(raw, task):
        answer = right.read(raw, task)
        return (answer[0], answer[1] + 1.0) if isinstance(answer, tuple) else answer + 1

    ours = right._replace(name=plan.OURS, sample=0)
    same, wrong = right._replace(sample=8), right._replace(name="wrong", read=shifted)
    rows = compare(job, ours, same, wrong)
    assert rows["scipy"]["ratio"] > 0
    assert rows["wrong"]["seconds"] > 0
    assert rows["wrong"]["ratio"] is None
    assert "no ratio: differs from circle15" in rows["wrong"]["note"]


def test_a_sample_is_scaled_and_said_so(bench, compare):
    right = own_tool(bench, "counts")
    row = compare("counts", right._replace(sample=7))["scipy"]
    assert "scaled from 7 of 21 places" in row["note"]


def test_a_peer_that_fails_or_is_not_there_is_a_row_with_a_reason(bench, compare):
    def broken(_task):
        message = "it broke"
        raise RuntimeError(message)

    right = own_tool(bench, "nearest")
    missing = right._replace(name="missing", needs=("no_such_module_at_all",))
    rows = compare("nearest", right._replace(name="broken", start=broken), missing)
    assert "it broke" in rows["broken"]["note"]
    assert "no_such_module_at_all is not installed" in rows["missing"]["note"]
    assert rows["broken"]["seconds"] is rows["missing"]["seconds"] is None


def test_hulls_and_other_distances_are_told_apart(bench):
    differences = bench("tasks").differences
    square = shapely.box(0, 0, 10, 10)
    wide = shapely.buffer(square, 1.0)
    assert not differences("isochrones", np.array([square]), np.array([square]))
    assert differences("isochrones", np.array([square]), np.array([wide]))
    assert not differences("snap", np.array([1.0]), np.array([1.0 + 1e-9]))
    assert differences("snap", np.array([1.0]), np.array([1.001]))


def test_unreached_and_just_at_the_limit_are_the_same_but_not_far_below_it(bench):
    tasks = bench("tasks")
    limit_m = tasks.LIMIT_MIN["nearest"] * 60 * tasks.SPEED
    beyond = np.array([[np.inf]])
    assert not tasks.differences("nearest", beyond, np.array([[limit_m - 0.01]]))
    assert tasks.differences("nearest", beyond, np.array([[limit_m - 1.0]]))
    near = np.array([[limit_m - tasks.SAME_M - 1e-3]])
    assert not tasks.differences("nearest", near, near + 2e-3)


def test_the_grid_is_as_sparse_as_streets_are(bench):
    net = bench("graphs").synthetic("check", 100)
    degree = np.bincount(np.concatenate([net.u, net.v]), minlength=net.size)
    assert degree.mean() == pytest.approx(2.84, abs=0.05)
    assert (degree == 2).mean() == pytest.approx(0.26, abs=0.02)


def test_nodes_in_hilberts_order_are_near_each_other(bench):
    net = bench("graphs").synthetic("check", 64)
    along = net.xy[net.along_curve]
    steps = np.hypot(*np.diff(along, axis=0).T)
    assert np.median(steps) < 100
    assert sorted(net.along_curve) == list(range(net.size))
