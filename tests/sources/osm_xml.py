"""Small hand-drawn maps, written as OSM XML and as an answer of the Overpass server."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

Tags = dict[str, str]


@dataclass
class Map:
    """Nodes, ways and relations, by id, and the box that the file tells (W, S, E, N)."""

    nodes: dict[int, tuple[float, float, Tags]] = field(default_factory=dict)
    ways: dict[int, tuple[list[int], Tags]] = field(default_factory=dict)
    relations: dict[int, tuple[list[tuple[int, str]], Tags]] = field(default_factory=dict)
    box: tuple[float, float, float, float] | None = None

    def line(self, way: int, *lonlat: tuple[float, float], **tags: str) -> None:
        """Add a way with new nodes, from 100 * way on."""
        ids = [100 * way + number for number in range(len(lonlat))]
        for node, (lon, lat) in zip(ids, lonlat, strict=True):
            self.nodes[node] = (round(lon, 7), round(lat, 7), {})
        self.ways[way] = (ids, tags)

    def square(self, way: int, west: float, south: float, size: float, **tags: str) -> None:
        """Add a closed way with four new nodes, 10 * way to 10 * way + 3."""
        corners = [(0, 0), (size, 0), (size, size), (0, size)]
        ids = [10 * way + number for number in range(4)]
        for node, (x, y) in zip(ids, corners, strict=True):
            self.nodes[node] = (round(west + x, 7), round(south + y, 7), {})
        self.ways[way] = ([*ids, ids[0]], tags)

    def write_xml(self, path: Path) -> Path:
        """Write the map as ``.osm``."""
        root = ET.Element("osm", version="0.6")
        if self.box:
            names = ("minlon", "minlat", "maxlon", "maxlat")
            ET.SubElement(root, "bounds", dict(zip(names, map(str, self.box), strict=True)))
        for node, (lon, lat, tags) in self.nodes.items():
            _tagged(root, "node", node, tags, lat=str(lat), lon=str(lon))
        for way, (refs, tags) in self.ways.items():
            element = _tagged(root, "way", way, tags)
            for ref in refs:
                ET.SubElement(element, "nd", ref=str(ref))
        for relation, (members, tags) in self.relations.items():
            element = _tagged(root, "relation", relation, tags)
            for ref, role in members:
                ET.SubElement(element, "member", type="way", ref=str(ref), role=role)
        ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
        return path

    def overpass(self) -> dict[str, Any]:
        """Return the map as the Overpass server would."""
        nodes = [
            {"type": "node", "id": node, "lon": lon, "lat": lat, "tags": tags}
            for node, (lon, lat, tags) in self.nodes.items()
        ]
        ways = [
            {"type": "way", "id": way, "nodes": refs, "tags": tags}
            for way, (refs, tags) in self.ways.items()
        ]
        relations = [
            {
                "type": "relation",
                "id": relation,
                "members": [{"type": "way", "ref": ref, "role": role} for ref, role in members],
                "tags": tags,
            }
            for relation, (members, tags) in self.relations.items()
        ]
        return {"version": 0.6, "elements": [*nodes, *ways, *relations]}


def _tagged(root: ET.Element, kind: str, number: int, tags: Tags, **attributes: str) -> ET.Element:
    element = ET.SubElement(root, kind, id=str(number), version="1", **attributes)
    for key, value in tags.items():
        ET.SubElement(element, "tag", k=key, v=value)
    return element


def small_town() -> Map:
    """Return two streets that meet, a square, a park with a hole, and a few facilities."""
    town = Map()
    for node, (lon, lat) in enumerate(
        [(121.01, 30.70), (121.011, 30.70), (121.012, 30.7004), (121.011, 30.701)], start=1
    ):
        town.nodes[node] = (lon, lat, {})
    town.ways[1] = ([1, 2, 3], {"highway": "residential", "name": "当湖路"})
    town.ways[2] = ([2, 4], {"highway": "footway", "access": "private"})
    town.square(3, 121.013, 30.7, 0.0004, highway="pedestrian", area="yes", name="人民广场")
    town.square(4, 121.014, 30.7, 0.001)
    town.square(5, 121.0143, 30.7003, 0.0002)
    park = {"type": "multipolygon", "leisure": "park", "name": "东湖公园"}
    town.relations[1] = ([(4, "outer"), (5, "inner")], park)
    town.square(6, 121.016, 30.7, 0.0005, amenity="school", name="平湖市实验小学")
    town.nodes[7] = (121.0112, 30.7002, {"amenity": "pharmacy", "name": "大药房"})
    town.nodes[8] = (121.0113, 30.7002, {"shop": "greengrocer;convenience"})
    town.nodes[9] = (121.0114, 30.7002, {"disused:amenity": "pharmacy"})
    return town
