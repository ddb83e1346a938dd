"""All checks of a place's inputs in one call."""

from __future__ import annotations

from collections.abc import Collection

import geopandas as gpd

from circle15.checks import check_facilities, check_index, check_layer
from circle15.network.profile import WalkProfile
from circle15.network.walk_network import WalkNetwork
from circle15.quality.facilities import (
    check_categories,
    check_datum,
    check_facilities_on,
    check_on_ground,
)
from circle15.quality.findings import stack
from circle15.quality.streets import check_border, check_coverage, check_ends, check_streets
from circle15.quality.units import Stated, check_totals, check_units


def check(  # noqa: PLR0913 - whatever there is of a place; all but the first are optional
    network: WalkNetwork,
    *,
    facilities: gpd.GeoDataFrame | None = None,
    units: gpd.GeoDataFrame | None = None,
    demand: gpd.GeoDataFrame | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    water: gpd.GeoDataFrame | None = None,
    categories: Collection[str] = (),
    stated: Stated | None = None,
    profile: WalkProfile | None = None,
) -> gpd.GeoDataFrame:
    """Find what is wrong with the inputs, before an audit counts on them.

    Nothing is mended, moved or dropped. What is not given is not checked.

    Parameters
    ----------
    network
        The walking network.
    facilities, units, demand
        As :func:`~circle15.assess.audit.audit` takes them.
    buildings, water
        Polygons; where many buildings have hardly a street, and facilities that stand in water.
    categories
        Of which there should be a facility.
    stated
        Totals that the plan states: ``{"population": 174_368}``, or by kind of unit
        ``{"neighbour_station": {"community": 19}}``.
    profile
        Who walks; an adult by default.

    Returns
    -------
    geopandas.GeoDataFrame
        In WGS-84, worst first, then those that touch the most people; index ``finding_id``:
        ``severity`` (``error``, ``warning``, ``note``), ``kind``, ``layer``, ``row`` (the id in
        that layer), ``column``, ``what``, ``fix``, ``people`` (how many it touches, missing
        where not known), ``what_zh``, ``fix_zh``, ``geometry``.

    Raises
    ------
    CrsError, ColumnError, EmptyError
        A layer without CRS, ids that stand twice, nothing in it: what cannot even be checked.
    """
    profile = profile or WalkProfile.adult()
    parts = [*check_streets(network, demand), check_ends(network)]
    if units is not None:
        check_layer(units, "units")
        check_index(units.index, "units")
        parts += check_units(units, demand)
    if facilities is not None:
        check_facilities(facilities)
        parts += check_facilities_on(facilities, network, profile)
        parts += check_datum(facilities, network, buildings)
        parts += check_on_ground(facilities, water, units)
        parts.append(check_categories(facilities, categories, network))
    if units is not None and stated:
        parts += check_totals(units, facilities, stated)
    if buildings is not None and len(buildings):
        parts.append(check_coverage(network, buildings, demand))
    if demand is not None and len(demand):
        parts.append(check_border(network, demand, profile))
    return stack(parts)
