"""What is asked, and when two answers to it are the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from circle15.network.profile import WalkProfile
from peers.graphs import Net

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: 15 minutes are 1,125 m. Facilities and origins are nodes, so legs have no length.
WALKER = WalkProfile("benchmark", 4.5, max_access_m=0.01, access_detour=1.0)
SPEED = WALKER.metres_per_second
LIMIT_MIN = {"nearest": 30.0, "counts": 15.0, "matrix": 15.0, "isochrones": 15.0}
SITES = {"matrix": 2_000, "isochrones": 500}
POINTS = 1_000_000

#: A tenth of a second of walking.
SAME_M = 0.1 * SPEED
#: Roundings of a peer may put so many counts on the other side of the limit.
COUNTS_OFF = 1e-3
SNAP_SAME_M = 1e-6
#: Buffers with other numbers of corners; intersection over union.
SAME_IOU = 0.995
#: An outline of times against exact times at random doors.
SAME_DOORS = 0.995
#: Joining nodes instead of edges moves minutes; at most so much, for so many.
AUDIT_MIN, AUDIT_SHARE = 2.0, 0.95


class SkipTool(Exception):  # noqa: N818 - no error: a reason
    """A tool cannot do this task; says why."""


@dataclass(frozen=True, eq=False)
class Task:
    """One question: a network, places on it, a limit. Or an extract, for an audit."""

    job: str
    net: Net | None
    node: Ints
    category: Ints
    xy: Floats
    extract: Path | None = None

    @property
    def limit_m(self) -> float:
        """The longest walk, inclusive."""
        return LIMIT_MIN[self.job] * 60 * SPEED

    @property
    def n_categories(self) -> int:
        """How many categories are asked for."""
        return int(self.category.max(initial=-1)) + 1

    @property
    def of(self) -> Net:
        """The network; there is one for every job but audits."""
        assert self.net is not None
        return self.net

    def sample(self, by: str, size: int) -> tuple[Task, float]:
        """Return a smaller task, and how many times as large this one is."""
        if size == 0 or size >= self.extent(by):
            return self, 1.0
        scale = self.extent(by) / size
        if by == "points":
            return replace(self, xy=self.xy[:size]), scale
        kept = self.category < size if by == "categories" else np.arange(len(self.node)) < size
        return replace(self, node=self.node[kept], category=self.category[kept]), scale

    def extent(self, by: str) -> int:
        """How many categories, places or points there are."""
        sizes = {"categories": self.n_categories, "places": len(self.node), "points": len(self.xy)}
        return sizes[by]


def make_task(job: str, net: Net, points: int = POINTS) -> Task:
    """Return the task of a job on a network."""
    node, category, xy = net.facility, net.category, np.empty((0, 2))
    if job in SITES:
        # Any nodes that have a street: small networks have fewer facilities than sites.
        on_streets = np.unique(np.concatenate([net.u, net.v]))
        node = np.random.default_rng(0).permutation(on_streets)[: SITES[job]]
        category = np.zeros(len(node), np.int64)
    if job == "snap":
        low, high = net.xy.min(axis=0), net.xy.max(axis=0)
        # Points far off the grid's rim would be asked of no map.
        xy = np.random.default_rng(points).uniform(low, high, (points, 2))
    return Task(job, net, node, category, xy)


def audit_task(extract: Path) -> Task:
    """Return the task of a table of minutes out of an extract."""
    nothing = np.empty(0, np.int64)
    return Task("audit", None, nothing, nothing, np.empty((0, 2)), extract)


Start = Callable[[Task], Callable[[], Any]]


def as_is(raw: Any, _task: Task) -> Any:
    """Take what a tool returned for its answer."""
    return raw


class Tool(NamedTuple):
    """A way to do a job.

    ``start`` builds what is built once, untimed, and returns what is timed; ``read`` brings
    its result into the common form, untimed. ``needs`` are modules that must install.
    ``sample`` of 0 asks for all. A floor has no answer: it is work that cannot be avoided. What
    changes its own inputs is called ``once``. A ``check`` of its own tells what is wrong with an
    answer that cannot be compared to others.
    """

    name: str
    job: str
    start: Start
    read: Callable[[Any, Task], Any] = as_is
    needs: tuple[str, ...] = ()
    largest: int = 400_000
    by: str = "places"
    sample: int = 0
    note: str = ""
    floor: bool = False
    once: bool = False
    check: Callable[[Any, Task], str] | None = None


def differences(job: str, ours: Any, theirs: Any) -> str:
    """Return in what two answers differ; nothing where they agree."""
    return _DIFFERENCES[job](ours, theirs)


def _metres(
    ours: Floats, theirs: Floats, limit_m: float = LIMIT_MIN["nearest"] * 60 * SPEED
) -> str:
    if ours.shape != theirs.shape:
        return f"shapes {ours.shape} and {theirs.shape}"
    # Beyond the limit is not looked for, and rounding decides at the limit itself.
    ours, theirs = (np.minimum(side, limit_m) for side in (ours, theirs))
    apart = np.abs(ours - theirs)
    wrong = ~(apart <= SAME_M)
    return (
        f"{wrong.sum():,} of {wrong.size:,} off by up to {apart.max():.2f} m" if wrong.any() else ""
    )


def _counts(ours: Ints, theirs: Ints) -> str:
    if ours.shape != theirs.shape:
        return f"shapes {ours.shape} and {theirs.shape}"
    wrong = ours != theirs
    return f"{wrong.sum():,} of {wrong.size:,} counts" if wrong.mean() > COUNTS_OFF else ""


def _matrix(ours: tuple[Ints, Floats], theirs: tuple[Ints, Floats]) -> str:
    pairs = np.union1d(ours[0], theirs[0])
    limit_m = LIMIT_MIN["matrix"] * 60 * SPEED
    spread = []
    for key, metres in (ours, theirs):
        full = np.full(len(pairs), np.inf)
        full[np.searchsorted(pairs, key)] = metres
        spread.append(full)
    return _metres(spread[0], spread[1], limit_m)


def _polygons(ours: NDArray[np.object_], theirs: NDArray[np.object_]) -> str:
    if len(ours) != len(theirs):
        return f"{len(ours)} and {len(theirs)} polygons"
    shared = shapely.area(shapely.intersection(ours, theirs))
    iou = shared / (shapely.area(ours) + shapely.area(theirs) - shared)
    return f"intersection over union {iou.mean():.3f}" if not iou.mean() >= SAME_IOU else ""


def _distances(ours: Floats, theirs: Floats) -> str:
    apart = np.abs(ours - theirs)
    wrong = ~(apart <= SNAP_SAME_M)
    return (
        f"{wrong.mean():.1%} of distances off by up to {apart.max():.2f} m" if wrong.any() else ""
    )


def _minutes(ours: Any, theirs: Any) -> str:
    """Compare tables of minutes, a row for each building by its OSM id, NaN for none."""
    both = ours.index.intersection(theirs.index)
    if len(both) < AUDIT_SHARE * max(len(ours), len(theirs)):
        return f"{len(ours):,} and {len(theirs):,} buildings, {len(both):,} in both"
    same = _same_minutes(ours, theirs)
    return _share_of_minutes(same) if same < AUDIT_SHARE else ""


def _same_minutes(ours: Any, theirs: Any) -> float:
    both = ours.index.intersection(theirs.index)
    a, b = ours.loc[both].to_numpy(float), theirs.loc[both, ours.columns].to_numpy(float)
    return float(((np.isnan(a) & np.isnan(b)) | (np.abs(a - b) <= AUDIT_MIN)).mean())


def _share_of_minutes(same: float) -> str:
    return f"{same:.1%} of minutes within {AUDIT_MIN:g}"


def agreement(job: str, ours: Any, theirs: Any) -> list[str]:
    """Return how far answers agree that need not be the same; nothing where they must."""
    return [_share_of_minutes(_same_minutes(ours, theirs))] if job == "audit" else []


_DIFFERENCES: dict[str, Callable[[Any, Any], str]] = {
    "nearest": _metres,
    "counts": _counts,
    "matrix": _matrix,
    "isochrones": _polygons,
    "snap": _distances,
    "audit": _minutes,
}
