"""What a PROJECT.toml says: the files of one place, the standard and the walker."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from circle15.errors import Fault, FileError, InputError
from circle15.network.profile import WalkProfile

#: Keys of a project that name files of one's own.
LAYERS = ("facilities", "gates", "units", "people")


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
    beyond
        What to take for beyond the border of an extract: ``unknown``, so that nobody who could
        walk out of it misses anything for sure; or ``nothing``, where nothing is there.
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
    beyond: Literal["unknown", "nothing"] = "unknown"
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
                for name in LAYERS
                if (layer := getattr(project, name)) is not None
            },
        }
    )


def walker_of(project: Project) -> WalkProfile:
    """Return the project's walker."""
    profile = WalkProfile.named(project.profile)
    if project.max_access_m is not None:
        profile = replace(profile, max_access_m=project.max_access_m)
    return profile
