"""A project audited, or checked."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd

from circle15.assess.audit import Audit, audit
from circle15.project.place import Place, Progress, read_place
from circle15.project.settings import Project, walker_of
from circle15.quality.check import check
from circle15.quality.findings import noted_in_reading, stack
from circle15.sources.osm import water_from_osm
from circle15.standards.load import load_standard


def audit_project(project: Project, progress: Progress = lambda _step: None) -> Audit:
    """Run the main job: read a place and audit it against the project's standard.

    Parameters, errors
        As :func:`read_place`.
    """
    return audit_place(read_place(project, progress), project, progress)


def audit_place(place: Place, project: Project, progress: Progress = lambda _step: None) -> Audit:
    """Audit a place against the project's standard, for the project's walker."""
    progress("walk times")
    result = audit(
        place.units,
        place.facilities,
        place.network,
        load_standard(project.standard),
        demand=place.demand,
        profile=walker_of(project),
        complete=project.complete,
        barriers=place.barriers,
        extent=place.extent,
    )
    manifest = replace(
        result.manifest,
        title=place.title,
        assumptions=(*result.manifest.assumptions, *(line.en for line in place.assumed)),
        assumptions_zh=(*result.manifest.assumptions_zh, *(line.zh for line in place.assumed)),
    )
    return replace(result, manifest=manifest)


def check_place(place: Place, project: Project) -> gpd.GeoDataFrame:
    """Find what is wrong with a place's tables; see :func:`~circle15.quality.check.check`.

    What was noticed in reading its files stands among the findings, as the kind ``reading``.
    """
    found = check(
        place.network,
        facilities=place.facilities,
        units=place.units,
        demand=place.demand,
        buildings=place.buildings,
        water=water_from_osm(place.extract) if place.extract else None,
        categories=load_standard(project.standard).categories,
        stated=place.stated,
        profile=walker_of(project),
    )
    return stack([found, noted_in_reading(place.noted)])
