"""The walking network as two tables, and as a networkx graph and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from circle15.errors import Fault, InputError, raise_faults
from circle15.model import Source
from circle15.network.segment_grid import SegmentGrid, build_grid

if TYPE_CHECKING:
    import networkx as nx


#: Columns of edges: factors on the time from u to v, and on that from v to u.
IMPEDANCE = ("forward_impedance", "backward_impedance")


def no_joins() -> gpd.GeoDataFrame:
    """Return the report of a network in which nothing was joined."""
    columns = ["kind", "apart_m", "node_id", "edge_id", "other_edge_id", "geometry"]
    return gpd.GeoDataFrame(columns=columns, index=pd.RangeIndex(0, name="join_id"))


@dataclass(frozen=True, eq=False, repr=False)
class WalkNetwork:
    """Streets that may be walked, cut where they meet.

    Attributes
    ----------
    nodes
        Index ``node_id``; points in ``crs``.
    edges
        Index ``edge_id``; ``u`` and ``v`` (node ids), ``length_m`` (geodesic), ``access``
        (``public`` or ``private``), the tags kept, and lines from u to v in ``crs``. Every
        edge is walked both ways. Parallel edges and loops are kept. Where there are columns
        ``forward_impedance`` (from u to v) and ``backward_impedance``, times that way are so
        many times as long: 1 where missing, infinite where nobody may walk that way.
    source
        Where the streets came from.
    skipped
        How many ways were left out, by the reason.
    joined
        Where lines were joined that share no point, when that was asked for: index ``join_id``;
        ``kind`` (``crossing``; ``touch``, a point of one on the other; ``end_to_end`` and
        ``end_to_line``, ends that stopped short), ``apart_m`` (the gap), ``node_id`` of the joint,
        ``edge_id`` (of the end that was lengthened), ``other_edge_id``, points in ``crs``.
    """

    nodes: gpd.GeoDataFrame
    edges: gpd.GeoDataFrame
    source: Source | None = None
    skipped: dict[str, int] = field(default_factory=dict)
    joined: gpd.GeoDataFrame = field(default_factory=no_joins)

    @property
    def crs(self) -> CRS:
        """The projected CRS of nodes and edges."""
        crs: CRS = self.edges.crs
        return crs

    @cached_property
    def ends(self) -> NDArray[np.int64]:
        """Row numbers in ``nodes`` of both ends of each edge; shape (edges, 2)."""
        index = self.nodes.index
        return np.column_stack(
            [index.get_indexer(self.edges["u"]), index.get_indexer(self.edges["v"])]
        ).astype(np.int64)

    @cached_property
    def units_per_metre(self) -> NDArray[np.float64]:
        """How many units of the CRS a true metre takes along each edge; shape (edges,).

        A thousandth off 1 at the edge of a UTM zone, which decides whether a door is within
        reach; the secant of the latitude in World Mercator.
        """
        length_m = self.edges["length_m"].to_numpy()
        drawn = self.edges.length.to_numpy()
        units = np.ones(len(drawn))
        np.divide(drawn, length_m, out=units, where=length_m > 0)
        return units

    @property
    def impedance(self) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
        """Factors on the time from u to v, and from v to u; None where all are 1.

        Raises
        ------
        InputError
            One of them is negative, or no number.
        """
        factors = [
            self.edges[name].astype(float).fillna(1.0).to_numpy() if name in self.edges else None
            for name in IMPEDANCE
        ]
        faults = [
            Fault(
                "edges", "It holds factors below 0.", "Give 1 for the time on the flat.", None, name
            )
            for name, factor in zip(IMPEDANCE, factors, strict=True)
            if factor is not None and (factor < 0).any()
        ]
        raise_faults(faults, InputError)
        return factors[0], factors[1]

    @cached_property
    def component(self) -> pd.Series:
        """Number of the connected part that each node lies in; 0 is the one with most nodes."""
        label = label_components(self.ends, len(self.nodes))
        return pd.Series(label, index=self.nodes.index, name="component")

    @cached_property
    def grid(self) -> SegmentGrid:
        """The straight pieces of all edges, sorted into cells, to find those near a point."""
        lines = np.asarray(self.edges.geometry.values)
        return build_grid(lines, self.units_per_metre)

    def __repr__(self) -> str:
        west, south, east, north = self.edges.total_bounds
        sizes = np.bincount(self.component)
        return (
            f"WalkNetwork({len(self.nodes):,} nodes, {len(self.edges):,} edges, "
            f"{self.edges['length_m'].sum() / 1000:,.1f} km; "
            f"extent {(east - west) / 1000:.1f} x {(north - south) / 1000:.1f} km; "
            f"{len(sizes):,} component{'s' if len(sizes) > 1 else ''}, "
            f"{sizes[0] / sizes.sum():.1%} of the nodes in the largest; "
            f"{self.crs.to_string() if self.crs.to_epsg() else self.crs.name})"
        )

    def to_networkx(self) -> nx.MultiDiGraph[Any]:
        """Return the network as a graph in OSMnx's form.

        Returns
        -------
        networkx.MultiDiGraph
            Nodes with ``x`` and ``y``; an edge each way with ``length`` in metres, ``osmid``,
            ``edge_id`` and ``geometry`` where it bends; ``graph["crs"]``. Where ways differ by
            direction, ``impedance``, and no edge in a direction that is barred.
        """
        import networkx as nx

        graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(crs=self.crs, simplified=True)
        points = self.nodes.geometry
        graph.add_nodes_from(
            (node, {"x": x, "y": y})
            for node, x, y in zip(self.nodes.index, points.x, points.y, strict=True)
        )
        tags = self.edges.drop(columns=["u", "v", "length_m", "geometry"])
        tags = tags.drop(columns=["length", "reversed", *IMPEDANCE], errors="ignore")
        tags = tags.rename(columns={"osm_id": "osmid"}).assign(length=self.edges["length_m"])
        rows = tags.reset_index().to_dict("records")
        ends, lines = (self.edges["u"], self.edges["v"]), self.edges.geometry
        ways = ((*ends, lines, False), (*ends[::-1], lines.reverse(), True))
        for (tails, heads, drawn, turned), factor in zip(ways, self.impedance, strict=True):
            differ = [{}] * len(rows) if factor is None else [{"impedance": f} for f in factor]
            for u, v, row, line, own in zip(tails, heads, rows, drawn, differ, strict=True):
                if own.get("impedance") != np.inf:
                    graph.add_edge(u, v, **row, geometry=line, reversed=turned, **own)
        return graph


def label_components(ends: NDArray[np.int64], n_nodes: int) -> NDArray[np.int64]:
    """Number the connected parts of a graph by falling size.

    Parameters
    ----------
    ends
        Row numbers of the nodes at both ends of each edge; shape (edges, 2).
    n_nodes
        How many nodes there are.

    Returns
    -------
    numpy.ndarray
        Number of the part of each node; shape (nodes,).
    """
    pairs = (np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1]))
    _, label = connected_components(coo_array(pairs, shape=(n_nodes, n_nodes)), directed=False)
    by_size = np.argsort(-np.bincount(label), kind="stable")
    rank = np.empty(len(by_size), np.int64)
    rank[by_size] = np.arange(len(by_size))
    return rank[label]
