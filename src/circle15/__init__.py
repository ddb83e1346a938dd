"""circle15: which blocks miss which facility within a walk, why, and what to do about it.

Everything a planner needs is here; modules are loaded when first used, so that importing the
package takes no time.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from circle15.archive.folder import read_audit as read_audit
    from circle15.assess.audit import Audit as Audit
    from circle15.assess.audit import audit as audit
    from circle15.assess.ledger import group_ledger as group_ledger
    from circle15.errors import Circle15Error as Circle15Error
    from circle15.errors import InputError as InputError
    from circle15.network.blocks import blocks_from_streets as blocks_from_streets
    from circle15.network.build import build_network as build_network
    from circle15.network.build import from_networkx as from_networkx
    from circle15.network.datum_shift import DatumShift as DatumShift
    from circle15.network.datum_shift import find_datum_shift as find_datum_shift
    from circle15.network.profile import WalkProfile as WalkProfile
    from circle15.network.read import fetch_network as fetch_network
    from circle15.network.read import read_network as read_network
    from circle15.network.snap import snap_to_network as snap_to_network
    from circle15.network.spread import demand_spread as demand_spread
    from circle15.network.walk_network import WalkNetwork as WalkNetwork
    from circle15.present.archive import write_audit as write_audit
    from circle15.present.excel import write_excel as write_excel
    from circle15.present.findings_page import write_findings as write_findings
    from circle15.present.hierarchy import explore_hierarchy as explore_hierarchy
    from circle15.present.hierarchy import hierarchy_tree as hierarchy_tree
    from circle15.present.maps import explore as explore
    from circle15.present.offline import save_offline as save_offline
    from circle15.present.page import write_page as write_page
    from circle15.present.plots import plot_coverage as plot_coverage
    from circle15.present.plots import plot_map as plot_map
    from circle15.present.plots import plot_minutes as plot_minutes
    from circle15.present.word import write_word as write_word
    from circle15.project.place import Place as Place
    from circle15.project.place import danghu_place as danghu_place
    from circle15.project.place import read_place as read_place
    from circle15.project.runs import audit_place as audit_place
    from circle15.project.runs import audit_project as audit_project
    from circle15.project.runs import check_place as check_place
    from circle15.project.settings import Project as Project
    from circle15.project.settings import read_project as read_project
    from circle15.quality.check import check as check
    from circle15.scenario.changes import apply_changes as apply_changes
    from circle15.scenario.changes import audit_changed as audit_changed
    from circle15.scenario.changes import read_changes as read_changes
    from circle15.scenario.compare import Comparison as Comparison
    from circle15.scenario.compare import compare as compare
    from circle15.sources.categories import load_categories as load_categories
    from circle15.sources.crs import cgcs2000_zone as cgcs2000_zone
    from circle15.sources.crs import from_wgs84 as from_wgs84
    from circle15.sources.crs import to_wgs84 as to_wgs84
    from circle15.sources.danghu import danghu_sample as danghu_sample
    from circle15.sources.demand import demand_from_buildings as demand_from_buildings
    from circle15.sources.divisions import join_divisions as join_divisions
    from circle15.sources.divisions import read_divisions as read_divisions
    from circle15.sources.entrances import enter_by as enter_by
    from circle15.sources.extract import open_extract as open_extract
    from circle15.sources.osm import buildings_from_osm as buildings_from_osm
    from circle15.sources.osm import facilities_from_osm as facilities_from_osm
    from circle15.sources.population_grid import demand_from_grid as demand_from_grid
    from circle15.sources.population_raster import demand_from_raster as demand_from_raster
    from circle15.sources.registers import read_facilities as read_facilities
    from circle15.sources.registers import read_gates as read_gates
    from circle15.sources.registers import read_people as read_people
    from circle15.sources.registers import read_units as read_units
    from circle15.sources.samples import helsinki_extract as helsinki_extract
    from circle15.standards.load import list_standards as list_standards
    from circle15.standards.load import load_standard as load_standard
    from circle15.travel.reach import count_within as count_within
    from circle15.travel.reach import nearest_k as nearest_k
    from circle15.travel.reach import time_matrix as time_matrix
    from circle15.travel.reached import reached_edges as reached_edges
    from circle15.travel.rings import isochrones as isochrones
    from circle15.travel.times import walk_times as walk_times

#: Every public name, and the module that holds it.
_HOMES = {
    "read_audit": "archive.folder",
    "Audit": "assess.audit",
    "audit": "assess.audit",
    "group_ledger": "assess.ledger",
    "Circle15Error": "errors",
    "InputError": "errors",
    "blocks_from_streets": "network.blocks",
    "build_network": "network.build",
    "from_networkx": "network.build",
    "DatumShift": "network.datum_shift",
    "find_datum_shift": "network.datum_shift",
    "WalkProfile": "network.profile",
    "fetch_network": "network.read",
    "read_network": "network.read",
    "snap_to_network": "network.snap",
    "demand_spread": "network.spread",
    "WalkNetwork": "network.walk_network",
    "write_audit": "present.archive",
    "write_excel": "present.excel",
    "write_findings": "present.findings_page",
    "explore_hierarchy": "present.hierarchy",
    "hierarchy_tree": "present.hierarchy",
    "explore": "present.maps",
    "save_offline": "present.offline",
    "write_page": "present.page",
    "plot_coverage": "present.plots",
    "plot_map": "present.plots",
    "plot_minutes": "present.plots",
    "write_word": "present.word",
    "Place": "project.place",
    "Project": "project.settings",
    "audit_place": "project.runs",
    "audit_project": "project.runs",
    "check_place": "project.runs",
    "danghu_place": "project.place",
    "read_place": "project.place",
    "read_project": "project.settings",
    "check": "quality.check",
    "apply_changes": "scenario.changes",
    "audit_changed": "scenario.changes",
    "read_changes": "scenario.changes",
    "Comparison": "scenario.compare",
    "compare": "scenario.compare",
    "load_categories": "sources.categories",
    "danghu_sample": "sources.danghu",
    "cgcs2000_zone": "sources.crs",
    "from_wgs84": "sources.crs",
    "to_wgs84": "sources.crs",
    "demand_from_buildings": "sources.demand",
    "join_divisions": "sources.divisions",
    "read_divisions": "sources.divisions",
    "enter_by": "sources.entrances",
    "open_extract": "sources.extract",
    "demand_from_grid": "sources.population_grid",
    "demand_from_raster": "sources.population_raster",
    "buildings_from_osm": "sources.osm",
    "facilities_from_osm": "sources.osm",
    "read_facilities": "sources.registers",
    "read_gates": "sources.registers",
    "read_people": "sources.registers",
    "read_units": "sources.registers",
    "helsinki_extract": "sources.samples",
    "list_standards": "standards.load",
    "load_standard": "standards.load",
    "count_within": "travel.reach",
    "nearest_k": "travel.reach",
    "time_matrix": "travel.reach",
    "reached_edges": "travel.reached",
    "isochrones": "travel.rings",
    "walk_times": "travel.times",
}

__all__ = [  # noqa: PLE0604 - the table above is the list
    "__version__",
    *_HOMES,
]

__version__ = version("circle15")


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        message = f"module 'circle15' has no attribute '{name}'"
        raise AttributeError(message)
    return getattr(import_module(f"circle15.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
