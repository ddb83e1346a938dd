"""The planner's own tables: any file or frame in, cells as text, with where each stood.

In: csv, xlsx, GeoPackage, shapefile, GeoJSON, GeoParquet, frames in memory.
Out: a :class:`~circle15.sources.tables.raw.RawTable`, its columns by our names, places, findings.
Not in here: what a facility, a unit or a gate must have (``sources.registers``).
"""
