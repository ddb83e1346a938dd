"""All tables of one place: files of one's own, and the extract for the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import geopandas as gpd
import shapely

from circle15.checks import WGS84
from circle15.errors import Fault, FileError, InputError, raise_faults
from circle15.model import Source
from circle15.network.blocks import blocks_from_streets
from circle15.network.build import build_network
from circle15.network.read import is_extract, read_network
from circle15.network.spread import demand_spread
from circle15.network.walk_network import WalkNetwork
from circle15.project.settings import LAYERS, Layer, Project, walker_of
from circle15.quality.units import Stated
from circle15.sources.danghu import OWNER, TITLE, danghu_sample
from circle15.sources.demand import demand_from_buildings
from circle15.sources.entrances import enter_by
from circle15.sources.extent import extent_of
from circle15.sources.extract import OsmExtract, open_extract
from circle15.sources.osm import barriers_from_osm, buildings_from_osm, facilities_from_osm
from circle15.sources.population_grid import demand_from_grid
from circle15.sources.population_raster import demand_from_raster
from circle15.sources.registers import read_facilities, read_gates, read_people, read_units
from circle15.standards.load import load_standard
from circle15.words import Bilingual, say

#: With fewer buildings than this for each block the map has not got the buildings.
BUILDINGS_PER_BLOCK = 1.0

#: How the name of a raster of people ends.
RASTERS = (".tif", ".tiff")

#: What reads each of the files of one's own.
READERS = {
    "facilities": read_facilities,
    "gates": read_gates,
    "units": read_units,
    "people": read_people,
}

Progress = Callable[[str], None]


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
    barriers, extent
        What nobody walks across, and the area of which streets and facilities are known; none
        where nothing tells.
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
    barriers: gpd.GeoDataFrame | None = None
    extent: gpd.GeoSeries | None = None
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
    standard, _ = load_standard(project.standard), walker_of(project)
    _check_files(project)
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
    extent = extent_of(extract) if extract and project.beyond == "unknown" else None
    blocks = blocks_from_streets(network) if "units" not in own else None
    units = own["units"] if blocks is None else _within(blocks, extent)
    progress("people")
    buildings = buildings_from_osm(extract) if extract else _nothing()
    demand = _demand(project, own.get("people"), buildings, units, network)
    if blocks is not None:
        units = units[units.index.isin(demand["unit_id"].unique())]
        assumed.append(say("assumption.blocks", n=len(units), all=len(blocks)))
    if extract is not None and extent is None:
        assumed.append(say("assumption.nothing_beyond"))
    return Place(
        title=project.title or project.network.name.split(".")[0],
        network=network,
        facilities=facilities,
        units=units,
        demand=demand,
        buildings=buildings,
        extract=extract,
        barriers=barriers_from_osm(extract) if extract else None,
        extent=extent,
        assumed=tuple(assumed),
        stated=project.stated or None,
        noted=tuple(noted),
    )


def _within(blocks: gpd.GeoDataFrame, extent: gpd.GeoSeries | None) -> gpd.GeoDataFrame:
    """Leave out blocks along streets that stick out of the extract: nothing is known of them."""
    if extent is None or extent.is_empty.all():
        return blocks
    area = shapely.union_all(extent.to_crs(blocks.crs).array)
    return blocks[blocks.intersects(area)]


def _check_files(project: Project) -> None:
    """Refuse a project whose files are not all there; each is named."""
    layers = (getattr(project, name) for name in LAYERS)
    files = [project.network, *(layer.file for layer in layers if layer is not None)]
    raise_faults([_not_there(file) for file in files if not file.exists()], FileError)


def _not_there(file: Path) -> Fault:
    notes = file.with_name("README.md")
    told = f"; {notes} may tell how the file is made" if notes.exists() else ""
    return Fault(str(file), "There is no such file.", f"Check the path{told}.")


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
