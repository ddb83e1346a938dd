"""Ours and the peers side by side: the same task, the same process, one thread.

`run.py` is the command. `graphs` makes the networks, `tasks` says what is asked and when two
answers agree, `plan` runs the tools of a job, `measure` times them. The tools stand in `ours`, `of_scipy`,
`of_graphs`, `of_cities`, `of_shapes`, `of_points`, `of_audits`, `cold`; `table` writes.
"""
