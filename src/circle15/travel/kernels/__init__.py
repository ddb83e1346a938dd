"""Compiled searches on arrays: no tables, no geometry.

``arrays`` holds what goes in, ``layout`` puts a network in the order in which it is searched,
``lanes`` finds the nearest facility of many categories at once, ``doors`` joins places to what
was found, ``bounded`` searches around one facility after the other.
"""
