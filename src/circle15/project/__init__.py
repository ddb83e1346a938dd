"""A project: the files of one place, the standard and the walker, as a PROJECT.toml names them.

In: a PROJECT.toml, or an OSM extract.
Out: a :class:`~circle15.project.place.Place` of tables, an audit or a check of it.
Not in here: writing.
"""
