"""The benchmark beside peers: that it runs, and that no ratio is written for another answer."""

import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import shapely

from circle15 import helsinki_extract

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def bench(monkeypatch):
    """Return a function that loads a module of the benchmark."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return lambda name: importlib.import_module(f"peers.{name}")


@pytest.fixture
def compare(bench, tmp_path):
    """Return a function that runs tools on the tiny network and gives their rows by name."""
    compare, plan = bench("compare"), bench("plan")
    options = compare.Options(tmp_path, tmp_path, repeats=1)

    def run(job, *tools):
        task = bench("tasks").make_task(job, plan._net("tiny", tmp_path, tmp_path), points=500)
        comparison = compare.Comparison(task, "tiny", options, plan.warm_up)
        for tool in tools:
            comparison.add(tool)
        return {row["tool"]: row for row in comparison.rows}

    return run


@pytest.fixture
def clock(bench, monkeypatch):
    """Return a function that makes calls of given seconds, by the clock and of the processor."""
    now = {"wall": 0.0, "cpu": 0.0}
    time = SimpleNamespace(
        perf_counter=lambda: now["wall"], process_time=lambda: now["cpu"], monotonic=lambda: 0.0
    )
    for module in ("measure", "compare"):
        monkeypatch.setattr(bench(module), "time", time)

    def call_of(wall_s, cpu_s, answer=None):
        def call():
            now["wall"] += wall_s
            now["cpu"] += cpu_s
            return answer

        return call

    return call_of


def own_tool(bench, job):
    return next(tool for tool in bench("plan").TOOLS if tool.job == job and tool.name == "scipy")


def row(bench, job, size, tool, **found):
    return bench("compare").row_of(job, size, tool, **found)


def page_of(bench, *rows):
    document = bench("document").new_document() | {"rows": list(rows)}
    return bench("page").markdown(document)


def test_the_command_writes_rows_and_the_page_made_of_them(bench, tmp_path):
    command = [sys.executable, str(BENCHMARKS / "peers" / "run.py"), "--sizes", "tiny"]
    command += ["--jobs", "nearest", "--tools", "contracted", "breadth", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "results.json").read_text("utf-8"))
    rows = {row["tool"]: row for row in document["rows"]}
    assert {"circle15", "scipy, contracted", "one breadth-first pass"} <= set(rows)
    for row in rows.values():
        assert list(row) == ["job", "size", "tool", "seconds", "ratio", "peak_mb", "note"]
        assert row["seconds"] > 0
        assert row["ratio"] > 0
        assert (row["peak_mb"] is None) == row["note"].startswith("floor")
    assert rows["circle15"]["ratio"] == 1
    page = (tmp_path / "performance.md").read_text("utf-8")
    assert page == bench("page").markdown(document)
    assert "| scipy, contracted |" in page


def test_the_page_in_the_docs_is_the_one_that_the_results_make(bench):
    document = json.loads((BENCHMARKS / "results.json").read_text("utf-8"))
    page = (BENCHMARKS.parent / "docs" / "performance.md").read_text("utf-8")
    assert page == bench("page").markdown(document)
    assert {row["job"] for row in document["rows"]} == {"cold start", *bench("plan").JOBS}


def test_every_job_comes_once_before_any_comes_again(bench):
    plan = bench("plan")
    first = [job for job, _ in plan.STEPS][: len(plan.JOBS)]
    assert sorted(first) == sorted(plan.JOBS)
    assert {(job, size) for job, size in plan.STEPS if size not in plan.SIZES} == set()


@pytest.mark.parametrize(
    ("job", "size", "tool"),
    [
        ("nearest", "1.05M", "scipy, our order"),
        ("nearest", "1.05M", "networkit"),
        ("nearest", "1.05M", "one breadth-first pass"),
        ("nearest", "large-merged", "scipy, our order"),
        ("nearest", "large-merged", "scipy, contracted"),
        ("nearest", "large-merged", "one breadth-first pass"),
        ("nearest", "316k", "networkx"),
        ("nearest", "53k", "pandana"),
        ("counts", "316k", "scipy"),
        ("counts", "53k", "pandana"),
        ("counts", "53k", "cityseer"),
        ("matrix", "53k", "pandana"),
        ("matrix", "316k", "scipy"),
        ("isochrones", "316k", "shapely, union of buffers"),
        ("isochrones", "53k", "OSMnx recipe, convex hulls"),
        ("snap", "316k", "STRtree.nearest"),
        ("snap", "316k", "STRtree.nearest, sorted"),
        ("audit", "monaco", "pyrosm, bare parse"),
        ("audit", "andorra", "OSMnx and networkx recipe"),
        ("nearest", "3.15M", "circle15"),
    ],
)
def test_the_plan_has_a_row_for_each_question(bench, job, size, tool):
    plan, sides = bench("plan"), bench("graphs").SIDES
    assert (job, size) in plan.steps_for((), ())
    assert sides.get(size, 0) ** 2 <= plan.tool_named(job, tool).largest


def test_sizes_and_jobs_that_are_named_are_run_and_no_others(bench):
    steps_for = bench("plan").steps_for
    assert steps_for(["53k", "monaco"], ["audit", "snap"]) == [
        ("snap", "53k"), ("audit", "monaco"), ("snap", "monaco"),
    ]  # fmt: skip
    assert {job for job, _ in steps_for((), ["matrix"])} == {"matrix"}


def test_a_ratio_counts_the_work_of_the_processor_and_not_the_wait_for_it(bench, clock):
    measure = bench("measure")
    timing, answer = measure.side_by_side(clock(9.0, 2.0, "found"), 3, clock(0.5, 0.5))
    assert (timing.seconds, timing.cpu_s, timing.ours_cpu_s) == (9.0, 2.0, 0.5)
    assert answer == "found"
    assert measure.is_disturbed(timing)
    assert not measure.is_disturbed(measure.side_by_side(clock(2.1, 2.0), 1)[0])


def test_a_ratio_is_taken_against_ours_at_the_same_time(bench, compare, clock):
    right, ours_s = own_tool(bench, "nearest"), iter([1.0, 4.0, 4.0])

    def taking(seconds):
        def start(task):
            call = right.start(task)

            def timed():
                clock(*2 * [seconds or next(ours_s)])()
                return call()

            return timed

        return start

    ours = right._replace(name="circle15", start=taking(None))
    bench("plan").warm_up(ours)
    rows = compare("nearest", ours, right._replace(start=taking(8.0)))
    assert rows["scipy"]["ratio"] == pytest.approx(2.0)


@pytest.mark.parametrize("job", ["nearest", "counts", "matrix"])
def test_a_peer_that_answers_something_else_gets_no_ratio(bench, compare, job):
    right = own_tool(bench, job)

    def shifted(raw, task):
        answer = right.read(raw, task)
        return (answer[0], answer[1] + 1.0) if isinstance(answer, tuple) else answer + 1

    ours = right._replace(name="circle15", sample=0)
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


def test_the_page_says_what_is_faster_only_where_answers_agree(bench):
    page = page_of(
        bench,
        row(bench, "snap", "316k", "circle15", seconds=0.5, ratio=1.0),
        row(bench, "snap", "316k", "same", seconds=4.0, ratio=8.123),
        row(bench, "snap", "316k", "other", seconds=1.0, note="no ratio: differs"),
        row(bench, "snap", "316k", "late", note="not run: out of time"),
        row(bench, "snap", "316k", "later", note="not run: out of time"),
    )
    assert "- **snap, 316k**: same 8.12." in page
    assert "| other | 1 |  |  | no ratio: differs |" in page
    assert "Not run at 316k: late, later (out of time)." in page


def test_the_page_says_passes_threads_and_memory(bench):
    page = page_of(
        bench,
        row(bench, "nearest", "1.05M", "circle15", seconds=0.5, ratio=1.0, peak_mb=345.6),
        row(bench, "nearest", "1.05M", "one breadth-first pass", seconds=0.05, ratio=0.1,
            note="floor: all"),
        row(bench, "nearest", "1.05M", "scipy", seconds=4.5, ratio=9.0),
        row(bench, "nearest", "1.05M", "circle15, 2 threads", seconds=0.25, ratio=0.5),
    )  # fmt: skip
    assert "scipy 9. Ours takes as long as 10 breadth-first passes." in page
    assert "two threads, nearest, 1.05M**: 2 times as fast as one" in page
    assert "| nearest | 1.05M | circle15 | 346 |" in page


def test_what_was_run_elsewhere_is_not_said_to_be_left_out(bench):
    late = row(bench, "nearest", "1.05M", "circle15, walk_times", note="not run: takes too long")
    done = row(bench, "nearest", "1.05M", "circle15, walk_times", seconds=3.0)
    small = row(bench, "nearest", "53k", "circle15, walk_times", note="not run: out of time")
    assert bench("plan").in_order([late, small, done]) == [small, done]


def test_a_fresh_process_tells_seconds_and_its_own_peak(bench, tmp_path):
    idle = bench("cold")._fresh("pass", tmp_path)
    held = bench("cold")._fresh("held = bytearray(100 * 2**20)", tmp_path)
    assert 90 < held[2] - idle[2] < 130
    assert idle[2] < 60


def test_what_fails_in_a_process_of_its_own_has_no_peak(bench, tmp_path):
    memory = bench("memory")
    options = bench("compare").Options(tmp_path, tmp_path)
    rows = [row(bench, "audit", "monaco", "circle15", seconds=1.0)]
    memory.fill_peaks(rows, options)
    assert rows[0]["peak_mb"] is None


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


def test_facilities_of_a_real_network_stand_all_over_it(bench):
    graphs = bench("graphs")
    net = graphs._with_facilities("check", *graphs._vertices(Path(helsinki_extract())))
    places = net.xy[net.facility]
    span = np.ptp(net.xy, axis=0)
    assert np.all(np.ptp(places, axis=0) > 0.8 * span)
    assert np.all(np.abs(np.median(places, axis=0) - np.median(net.xy, axis=0)) < 0.1 * span)


def test_nodes_in_hilberts_order_are_near_each_other(bench):
    net = bench("graphs").synthetic("check", 64)
    along = net.xy[net.along_curve]
    steps = np.hypot(*np.diff(along, axis=0).T)
    assert np.median(steps) < 100
    assert sorted(net.along_curve) == list(range(net.size))
