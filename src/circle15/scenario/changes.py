"""Changes that somebody tried on the page: facilities put, moved and removed, paths and gates."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from circle15.assess.audit import Audit, audit
from circle15.checks import WGS84
from circle15.errors import Fault, FileError, InputError, raise_faults
from circle15.network.paths import add_path
from circle15.network.walk_network import WalkNetwork
from circle15.words import say

Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Id = Annotated[str, Field(min_length=1)]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Add(_Value):
    """A new facility of a category, under an id that no other has."""

    action: Literal["add"] = "add"
    facility_id: Id
    category: Annotated[str, Field(min_length=1)]
    lon: Longitude
    lat: Latitude


class Move(_Value):
    """A facility somewhere else: what was an area is a point there, in the unit where that lies."""

    action: Literal["move"] = "move"
    facility_id: Id
    lon: Longitude
    lat: Latitude


class Remove(_Value):
    """A facility less."""

    action: Literal["remove"] = "remove"
    facility_id: Id


class NewPath(_Value):
    """A path, from one street to another, by longitude and latitude."""

    action: Literal["path"] = "path"
    coordinates: Annotated[tuple[tuple[Longitude, Latitude], ...], Field(min_length=2)]


class Gate(_Value):
    """A way through a wall: from the street on one side, past the gate, to that on the other."""

    action: Literal["gate"] = "gate"
    coordinates: Annotated[tuple[tuple[Longitude, Latitude], ...], Field(min_length=2)]


Change = Add | Move | Remove | NewPath | Gate

_CHANGES: TypeAdapter[tuple[Change, ...]] = TypeAdapter(
    tuple[Annotated[Change, Field(discriminator="action")], ...]
)


def read_changes(path: str | Path) -> tuple[Change, ...]:
    """Read changes that the page has saved.

    Parameters
    ----------
    path
        A JSON file: a list of objects with an ``action``. ``add`` has ``facility_id``,
        ``category``, ``lon`` and ``lat``; ``move`` has ``facility_id``, ``lon`` and ``lat``;
        ``remove`` has ``facility_id``; ``path`` and ``gate`` have ``coordinates``, a list of
        ``[lon, lat]``.

    Raises
    ------
    FileError
        The file is missing, or no JSON.
    InputError
        Something in it is not as said above; every fault is named.
    """
    path = Path(path)
    try:
        values = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        what = f"Cannot be read: {error.strerror}."
        raise FileError(Fault(str(path), what, "Check the path.")) from None
    except ValueError:
        fix = "Save the changes on the page again."
        raise FileError(Fault(path.name, "This is no valid JSON.", fix)) from None
    try:
        return _CHANGES.validate_python(values)
    except ValidationError as error:
        fix = "Save the changes on the page again, or write them as the documentation says."
        raise InputError(
            *(
                Fault(path.name, f"{item['msg']}.", fix, key=".".join(map(str, item["loc"])))
                for item in error.errors()
            )
        ) from None


def apply_changes(
    changes: Iterable[Change], facilities: gpd.GeoDataFrame, network: WalkNetwork
) -> tuple[gpd.GeoDataFrame, WalkNetwork]:
    """Change facilities and streets, one change after the other.

    Parameters
    ----------
    changes
        As :func:`read_changes` returns them.
    facilities, network
        What is changed; both are left as they are.

    Returns
    -------
    facilities, network
        With the changes. What is new has only its category and place.

    Raises
    ------
    InputError
        A change names a facility that is not there, or adds one under an id that is; every
        fault is named.
    """
    changes = tuple(changes)
    _check_ids(changes, facilities)
    geometry = facilities.geometry.name
    for change in changes:
        if isinstance(change, NewPath | Gate):
            line = gpd.GeoSeries([shapely.LineString(change.coordinates)], crs=WGS84)
            network = add_path(network, line.to_crs(network.crs).iloc[0])
            continue
        at = np.flatnonzero(_names(facilities) == change.facility_id)
        if isinstance(change, Remove):
            facilities = facilities.drop(facilities.index[at])
            continue
        point = gpd.GeoSeries([shapely.Point(change.lon, change.lat)], crs=WGS84)
        place = point.to_crs(facilities.crs).iloc[0]
        if isinstance(change, Add):
            facilities = _with_one_more(facilities, change, place)
            continue
        shapes = np.asarray(facilities.geometry.values).copy()
        shapes[at] = place
        moved = gpd.GeoSeries(shapes, facilities.index, crs=facilities.crs)
        facilities = facilities.assign(**{geometry: moved})
        # Which unit it stands in is told by its new place alone.
        if "unit_id" in facilities:
            unit_id = facilities["unit_id"].astype(object)
            facilities = facilities.assign(
                unit_id=unit_id.where(np.arange(len(unit_id)) != at[0], None)
            )
    return facilities, network


def audit_changed(before: Audit, changes: Sequence[Change]) -> Audit:
    """Audit again what was audited, with changes.

    Parameters
    ----------
    before
        Any audit, or one read back.
    changes
        As :func:`read_changes` returns them.

    Returns
    -------
    Audit
        Of the same units and people, against the same standard.

    Raises
    ------
    InputError
        As :func:`apply_changes`.
    """
    inputs = before.inputs
    facilities, network = apply_changes(changes, inputs.facilities, before.network)
    after = audit(
        _units_as_given(before),
        facilities,
        network,
        before.standard,
        demand=inputs.demand,
        profile=before.profile,
        complete=inputs.complete,
        barriers=inputs.barriers,
        extent=None if inputs.extent is None else inputs.extent.geometry,
    )
    said = say("assumption.changes", n=len(changes))
    was = before.manifest
    manifest = replace(
        after.manifest,
        title=was.title,
        assumptions=(*was.assumptions, said.en),
        assumptions_zh=(*was.assumptions_zh, said.zh),
    )
    return replace(after, manifest=manifest)


def _units_as_given(before: Audit) -> gpd.GeoDataFrame:
    """Return the units without what the audit has added."""
    added = ["people", "demand_source"]
    for rule in before.standard.rules:
        added += [f"{name}_{rule.rule_id}" for name in ("walk_min", "measure", "verdict")]
    return before.units.drop(columns=added, errors="ignore")


def _names(facilities: gpd.GeoDataFrame) -> np.ndarray:
    return np.asarray(facilities.index.astype(str), object)


def _with_one_more(facilities: gpd.GeoDataFrame, change: Add, place: object) -> gpd.GeoDataFrame:
    geometry = facilities.geometry.name
    new = {"category": change.category}
    columns = {
        name: [*facilities[name], new.get(name)] for name in facilities.columns if name != geometry
    }
    index = pd.Index([*facilities.index, change.facility_id], dtype=object)
    table = pd.DataFrame(columns, index=index.rename(facilities.index.name))
    table[geometry] = [*facilities.geometry, place]
    return gpd.GeoDataFrame(table, geometry=geometry, crs=facilities.crs)


def _check_ids(changes: Sequence[Change], facilities: gpd.GeoDataFrame) -> None:
    there, faults = set(_names(facilities)), []
    for number, change in enumerate(changes, start=1):
        if isinstance(change, NewPath | Gate):
            continue
        known = change.facility_id in there
        where = f"change {number}"
        if isinstance(change, Add) and known:
            what = f"There is already a facility '{change.facility_id}'."
            faults.append(Fault(where, what, "Give it an id of its own."))
        elif not isinstance(change, Add) and not known:
            what = f"There is no facility '{change.facility_id}'."
            fix = "Use the changes with the audit that they were tried on."
            faults.append(Fault(where, what, fix))
        elif isinstance(change, Add):
            there.add(change.facility_id)
        elif isinstance(change, Remove):
            there.discard(change.facility_id)
    raise_faults(faults, InputError)
