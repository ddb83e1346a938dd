"""Walk times on the network, exact, and the lines of equal time drawn from them.

In: a :class:`~circle15.network.walk_network.WalkNetwork`, places, a profile.
Out: tables of minutes, polygons for the eye.
Not in here: people, rules, verdicts. Nothing here knows what a good time is.
"""
