"""What is wrong with the inputs, before anybody counts on them.

In: the tables of a place: units, facilities, streets, homes, and what is known of the ground.
Out: one table of findings, each with where it is and how to mend it.
Not in here: rules and verdicts; and nothing is mended, moved or dropped.
"""
