"""How many people each way of drawing a 15-minute circle puts on the wrong side.

`run.py` is the command. `place` reads the inputs, `streets` and `ground` lay them out, the ways in use
stand in `by_distance` and `by_polygon`, ours in `ours`; `score` counts, `report` and `picture` write.
"""
