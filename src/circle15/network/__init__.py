"""The walking network: what may be walked, how fast, and where a door joins it.

In: lines of streets (from ``sources`` or a layer of one's own).
Out: a :class:`~circle15.network.walk_network.WalkNetwork`, blocks, positions on edges.
Not in here: shortest paths, facilities' categories, rules.
"""
