"""A project: the files of one place, the standard and the walker, as a PROJECT.toml names them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import geopandas as gpd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from circle15.assess.audit import Audit, audit
from circle15.checks import WGS84
from circle15.errors import Fault, FileError, InputError, raise_faults
from circle15.model import Source
from circle15.network.blocks import blocks_from_streets
from circle15.network.build import build_network
from circle15.network.profile import WalkProfile
from circle15.network.read import is_extract, read_network
from circle15.network.spread import demand_spread
from circle15.network.walk_network import WalkNetwork
from circle15.quality.check import check
from circle15.quality.findings import noted_in_reading, stack
from circle15.quality.units import Stated
from circle15.sources.danghu import OWNER, TITLE, danghu_sample
from circle15.sources.demand import demand_from_buildings
from circle15.sources.entrances import enter_by
from circle15.sources.extract import OsmExtract, open_extract
from circle15.sources.osm import buildings_from_osm, facilities_from_osm, water_from_osm
from circle15.sources.population_grid import demand_from_grid
from circle15.sources.population_raster import demand_from_raster
from circle15.sources.registers import read_facilities, read_gates, read_people, read_units
from circle15.standards.load import load_standard
from circle15.words import Bilingual, say

#: With fewer buildings than this for each block the map has not got the buildings.
BUILDINGS_PER_BLOCK = 1.0

#: How the name of a raster of people ends.
RASTERS = (".tif", ".tiff")

#: Keys of a project that name files of one's own, and what reads each.
READERS = {
    "facilities": read_facilities,
    "gates": read_gates,
    "units": read_units,
    "people": read_people,
}

Progress = Callable[[str], None]


class Layer(BaseModel):
    """A file of one's own, as the readers of :mod:`~circle15.sources.registers` take it.

    Attributes
    ----------
    file
        Its path; in a file, relative to that file.
    crs
        What its coordinates are in, where the file does not say it: an EPSG code, ``"GCJ-02"``.
    columns
        Names in the file to ours, for those that are not understood.
    layer
        Sheet of a workbook, or layer of a GeoPackage.
    encoding
        Of a csv or a shapefile; else found out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Path
    crs: str | int | None = None
    columns: dict[str, str] = {}
    layer: str | None = None
    encoding: str | None = None


class Project(BaseModel):
    """What to audit. Only ``network`` must be given.

    Attributes
    ----------
    network
        OSM extract, or a layer of streets; in a file, relative to that file.
    title
        Stands on the page; the extract's name by default.
    standard
        Name of a pack, or path of one of one's own.
    profile
        Name of a walker.
    max_access_m
        How far from a street a door may be; the profile's own distance by default.
    complete
        Categories whose register is complete.
    facilities, units
        A register, and a layer of communities, villages or blocks; else out of the extract.
    gates
        By which the register's facilities are entered.
    people
        Points or areas with a ``population``, or a GeoTIFF; else the units' people are put into
        the extract's buildings, or along the streets.
    stated
        Totals that a plan states, for checks: ``population``, ``units``, or a category, to one
        total or one for each kind of unit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    network: Path
    title: Annotated[str, Field(max_length=200)] = ""
    standard: str = "fifteen-minutes"
    profile: str = "adult"
    max_access_m: Annotated[float, Field(gt=0, le=1000)] | None = None
    complete: tuple[str, ...] = ()
    facilities: Layer | None = None
    gates: Layer | None = None
    units: Layer | None = None
    people: Layer | None = None
    stated: dict[str, float | dict[str, float]] = {}


def read_project(path: Path) -> Project:
    """Read a PROJECT.toml, or take an OSM extract for a project of nothing else.

    Raises
    ------
    FileError
        The file is missing, or no valid TOML.
    InputError
        A key is missing, not known, or has the wrong kind of value; every fault is named.
    """
    if path.suffix.lower() != ".toml":
        return Project(network=path)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        what = f"Cannot be read: {error.strerror}."
        raise FileError(Fault(str(path), what, "Check the path.")) from None
    except UnicodeDecodeError:
        raise FileError(Fault(path.name, "It is not UTF-8 text.", "Save it as UTF-8.")) from None
    except tomllib.TOMLDecodeError as error:
        fix = 'Write it like: network = "city.osm.pbf"'
        raise FileError(Fault(path.name, f"This is no valid TOML: {error}.", fix)) from None
    try:
        project = Project.model_validate(table)
    except ValidationError as error:
        keys = ", ".join(Project.model_fields)
        raise InputError(
            *(
                Fault(
                    path.name,
                    f"{item['msg']}.",
                    f"The keys are {keys}; only network must be there.",
                    column=".".join(map(str, item["loc"])),
                )
                for item in error.errors()
            )
        ) from None
    own_pack = project.standard.endswith(".toml")
    return project.model_copy(
        update={
            "network": path.parent / project.network,
            "standard": str(path.parent / project.standard) if own_pack else project.standard,
            **{
                name: layer.model_copy(update={"file": path.parent / layer.file})
                for name in READERS
                if (layer := getattr(project, name)) is not None
            },
        }
    )


@dataclass(frozen=True, eq=False)
class Place:
    """All tables of one place, as an audit or a check takes them.

    Attributes
    ----------
    title
        What it is called.
    network, facilities, units, demand
        As :func:`~circle15.assess.audit.audit` takes them; without an extract and without a
        register there are no facilities.
    buildings, extract
        What is known of the ground, for checks; empty, or none, where nothing is.
    assumed
        What was taken for granted in putting it together.
    stated
        Totals that somebody has stated, for checks.
    noted
        What was noticed in reading files of one's own.
    """

    title: str
    network: WalkNetwork
    facilities: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    extract: OsmExtract | None = None
    assumed: tuple[Bilingual, ...] = ()
    stated: Stated | None = None
    noted: tuple[dict[str, object], ...] = ()


def read_place(
    project: Project,
    progress: Progress = lambda _step: None,
    *,
    errors: Literal["raise", "report"] = "raise",
) -> Place:
    """Read streets, facilities, units and people: files of one's own, and the extract for the rest.

    Without an extract and without a register there are no facilities, so that all is unknown.

    Parameters
    ----------
    project
        What to read.
    progress
        Called with the name of each step as it begins.
    errors
        ``"raise"``: rows of files that cannot be used are refused, all at once; ``"report"``:
        they are left out and stand in ``noted``.

    Raises
    ------
    Circle15Error
        Something in the inputs is wrong; the message says what, and how to mend it.
    """
    # What is wrong with the words is said before anything long begins.
    standard, _ = load_standard(project.standard), _profile(project)
    progress("streets")
    extract = open_extract(project.network) if is_extract(project.network) else None
    network = read_network(extract or project.network)
    progress("facilities")
    own = _own_layers(project, errors)
    noted = [note for table in own.values() for note in table.attrs["findings"]]
    facilities = own.get("facilities")
    assumed = []
    if facilities is None:
        facilities = facilities_from_osm(extract, standard.categories) if extract else _nothing()
        assumed += [say("assumption.osm_facilities")] if extract else []
    progress("blocks")
    units = own["units"] if "units" in own else blocks_from_streets(network)
    progress("people")
    buildings = buildings_from_osm(extract) if extract else _nothing()
    demand = _demand(project, own.get("people"), buildings, units, network)
    if "units" not in own:
        all_blocks, units = len(units), units[units.index.isin(demand["unit_id"].unique())]
        assumed.append(say("assumption.blocks", n=len(units), all=all_blocks))
    return Place(
        title=project.title or project.network.name.split(".")[0],
        network=network,
        facilities=facilities,
        units=units,
        demand=demand,
        buildings=buildings,
        extract=extract,
        assumed=tuple(assumed),
        stated=project.stated or None,
        noted=tuple(noted),
    )


def _own_layers(
    project: Project, errors: Literal["raise", "report"]
) -> dict[str, gpd.GeoDataFrame]:
    """Read the files that the project names; what is wrong in any of them is said at once."""
    tables: dict[str, gpd.GeoDataFrame] = {}
    faults: list[Fault] = []
    for name, reader in READERS.items():
        layer: Layer | None = getattr(project, name)
        if layer is None or layer.file.suffix.lower() in RASTERS:
            continue
        try:
            tables[name] = reader(
                layer.file, crs=layer.crs, columns=layer.columns, layer=layer.layer,
                encoding=layer.encoding, errors=errors,
            )  # fmt: skip
        except InputError as error:
            faults += error.faults
    raise_faults(faults, InputError)
    if "gates" in tables and "facilities" in tables:
        entered = enter_by(tables["facilities"], tables["gates"])
        entered.attrs = tables["facilities"].attrs
        tables["facilities"] = entered
    return tables


def danghu_place() -> Place:
    """Return the Danghu sample as a place: real units and people on streets that are made up."""
    sample = danghu_sample()
    demand = sample.homes.rename_axis(index="demand_id")
    demand = demand.assign(weight=demand["population"].astype(float))
    return Place(
        title=TITLE,
        network=build_network(sample.streets, source=Source(TITLE, owner=OWNER)),
        facilities=sample.facilities,
        units=sample.units,
        demand=demand,
        buildings=_nothing(),
        assumed=(say("assumption.synthetic"),),
        stated=sample.stated,
    )


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
        profile=_profile(project),
        complete=project.complete,
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
        profile=_profile(project),
    )
    return stack([found, noted_in_reading(place.noted)])


def _profile(project: Project) -> WalkProfile:
    profile = WalkProfile.named(project.profile)
    if project.max_access_m is not None:
        profile = replace(profile, max_access_m=project.max_access_m)
    return profile


def _nothing() -> gpd.GeoDataFrame:
    """Return a layer of nothing: streets alone tell nothing of facilities or buildings."""
    return gpd.GeoDataFrame({"category": [], "name": []}, geometry=[], crs=WGS84)


def _demand(
    project: Project,
    people: gpd.GeoDataFrame | None,
    buildings: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    network: WalkNetwork,
) -> gpd.GeoDataFrame:
    """Place people as the project says, else in the buildings, else along the streets."""
    if project.people is not None and people is None:
        return demand_from_raster(project.people.file, units)
    if people is not None:
        return demand_from_grid(people, units)
    blocks = (units["kind"] != "grid").sum() if "kind" in units else len(units)
    if len(buildings) < BUILDINGS_PER_BLOCK * max(blocks, 1):
        return demand_spread(units, network)
    return demand_from_buildings(buildings, units)
