"""Street networks as arrays: synthetic ones of any size, and real ones out of extracts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array

from circle15.network.walk_network import WalkNetwork
from circle15.sources.crs import geodesic_lengths
from circle15.sources.extract import open_extract
from circle15.sources.osm import streets_from_osm

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Sides of the square grids; their nodes are 52,900, 315,844, 1,050,625 and 3,150,625.
SIDES = {"tiny": 24, "53k": 230, "316k": 562, "1.05M": 1025, "3.15M": 1775}
REAL = {
    "large-merged": "large-merged/merged-12regions.osm.pbf",
    "porto": "porto-osm/porto_portugal.osm.pbf",
    "monaco": "monaco/monaco.osm.pbf",
    "andorra": "andorra-full/andorra.osm.pbf",
}

N_CATEGORIES = 8
FACILITY_SHARE = 0.036
SPACING_M, JITTER_M = 75.0, 20.0
#: Leaves a mean degree of 2.84, and 26 % of the nodes with a degree of 2.
DROPPED = 0.29
CRS = "EPSG:32633"
_CORNER = np.array([300_000.0, 5_000_000.0])


@dataclass(frozen=True, eq=False)
class Net:
    """A network, and facilities at nodes of it. Edges are walked both ways."""

    name: str
    xy: Floats
    u: Ints
    v: Ints
    metres: Floats
    facility: Ints
    category: Ints

    @property
    def size(self) -> int:
        """How many nodes there are."""
        return len(self.xy)

    @cached_property
    def simple(self) -> tuple[Ints, Ints, Floats]:
        """Ends and metres without loops, and of parallel edges the shortest."""
        low, high = np.minimum(self.u, self.v), np.maximum(self.u, self.v)
        order = np.lexsort((self.metres, high, low))
        low, high, metres = low[order], high[order], self.metres[order]
        new = np.append(True, (low[1:] != low[:-1]) | (high[1:] != high[:-1])) & (low != high)
        return low[new], high[new], metres[new]

    @cached_property
    def matrix(self) -> csr_array:
        """Metres both ways, in compressed rows."""
        u, v, metres = self.simple
        ends = (np.concatenate([u, v]), np.concatenate([v, u]))
        return csr_array((np.concatenate([metres, metres]), ends), shape=(self.size, self.size))

    @cached_property
    def along_curve(self) -> Ints:
        """Nodes in Hilbert's order, near ones close to each other in memory."""
        return np.argsort(hilbert(self.xy), kind="stable")

    def reordered(self, order: Ints) -> Net:
        """Return the same network with the nodes in another order."""
        rank = np.empty(self.size, np.int64)
        rank[order] = np.arange(self.size)
        return replace(
            self,
            xy=self.xy[order],
            u=rank[self.u],
            v=rank[self.v],
            facility=rank[self.facility],
        )

    @cached_property
    def walk_network(self) -> WalkNetwork:
        """The tables that circle15's public functions take."""
        points = gpd.points_from_xy(*self.xy.T, crs=CRS)
        nodes = gpd.GeoDataFrame(geometry=points).rename_axis(index="node_id")
        lines = shapely.linestrings(np.stack([self.xy[self.u], self.xy[self.v]], axis=1))
        columns = {"u": self.u, "v": self.v, "length_m": self.metres, "access": "public"}
        edges = gpd.GeoDataFrame(columns, geometry=lines, crs=CRS)
        return WalkNetwork(nodes, edges.rename_axis(index="edge_id"))


def read_net(name: str, data: Path, cache: Path) -> Net:
    """Return the network of that name; a real one is kept in the cache as arrays."""
    if name in SIDES:
        return synthetic(name, SIDES[name])
    kept = cache / f"{name}.npz"
    if not kept.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        xy, u, v, metres = _vertices(data / REAL[name])
        np.savez(kept, xy=xy, u=u, v=v, metres=metres)
    arrays = np.load(kept)
    return _with_facilities(name, arrays["xy"], arrays["u"], arrays["v"], arrays["metres"])


def synthetic(name: str, side: int) -> Net:
    """Make a grid of ``side`` by ``side`` nodes, jittered, edges dropped, ids shuffled."""
    rng = np.random.default_rng(side)
    number = np.arange(side * side).reshape(side, side)
    u = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    v = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    kept = rng.random(len(u)) >= DROPPED
    shuffled = rng.permutation(side * side)
    u, v = shuffled[u[kept]], shuffled[v[kept]]
    grid = np.column_stack([number.ravel() % side, number.ravel() // side]) * SPACING_M
    xy = np.empty((side * side, 2))
    xy[shuffled] = _CORNER + grid + rng.uniform(-JITTER_M, JITTER_M, grid.shape)
    return _with_facilities(name, xy, u, v, np.hypot(*(xy[u] - xy[v]).T))


def _vertices(extract: Path) -> tuple[Floats, Ints, Ints, Floats]:
    """Return every vertex of every walked street as a node, as OSM has them."""
    streets = streets_from_osm(open_extract(extract))
    lines = np.asarray(streets.geometry.values)
    lonlat, line = shapely.get_coordinates(lines, return_index=True)
    cell = np.rint(lonlat * 1e7).astype(np.int64)
    _, first, node = np.unique(cell, axis=0, return_index=True, return_inverse=True)
    node = node.reshape(-1)
    same = (line[1:] == line[:-1]) & (node[1:] != node[:-1])
    ends = np.stack([lonlat[:-1][same], lonlat[1:][same]], axis=1)
    metres = geodesic_lengths(gpd.GeoSeries(shapely.linestrings(ends), crs=streets.crs))
    shuffled = np.random.default_rng(len(first)).permutation(len(first))
    xy = np.empty((len(first), 2))
    xy[shuffled] = lonlat[first]
    return xy, shuffled[node[:-1][same]], shuffled[node[1:][same]], np.maximum(metres, 1e-3)


def _with_facilities(name: str, xy: Floats, u: Ints, v: Ints, metres: Floats) -> Net:
    # Not the seed that ids are shuffled with: facilities would stand together in one corner.
    rng = np.random.default_rng((len(xy), 1))
    # Dropping edges leaves some nodes without any, where nothing can be joined to the network.
    places = rng.permutation(np.unique(np.concatenate([u, v])))
    facility = places[: max(N_CATEGORIES, round(FACILITY_SHARE * len(xy)))]
    return Net(name, xy, u, v, metres, facility, np.arange(len(facility)) % N_CATEGORIES)


def hilbert(xy: Floats, bits: int = 16) -> Ints:
    """Return the place of each point along Hilbert's curve."""
    span = max(float(np.ptp(xy, axis=0).max()), 1e-9)
    x, y = ((xy - xy.min(axis=0)) / span * (2**bits - 1)).astype(np.int64).T
    place = np.zeros(len(xy), np.int64)
    for bit in range(bits - 1, -1, -1):
        right, up = (x >> bit) & 1, (y >> bit) & 1
        place += ((3 * right) ^ up) << (2 * bit)
        mirrored = (up == 0) & (right == 1)
        x, y = np.where(mirrored, 2**bits - 1 - x, x), np.where(mirrored, 2**bits - 1 - y, y)
        x, y = np.where(up == 0, y, x), np.where(up == 0, x, y)
    return place
