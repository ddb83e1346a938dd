"""Rules as data: packs of cited thresholds, checked when read.

In: a pack's name, or the path of a TOML file of one's own.
Out: a frozen :class:`~circle15.standards.kinds.Standard`.
Not in here: networks, times, units. A rule says what is asked, never how it is measured.
"""
