"""Files and services in: what others have mapped or listed, as plain tables.

In: an OSM extract, a place name, a table of categories.
Out: GeoDataFrames in WGS-84 degrees: streets, facilities, buildings, water, barriers,
and where an extract ends.
Not in here: which street may be walked (``network``), walk times, rules, verdicts.
"""
