"""Before and after: two audits of the same units, and what changed.

In: two :class:`~circle15.assess.audit.Audit`.
Out: a frozen :class:`~circle15.scenario.compare.Comparison`.
Not in here: searches, verdicts of its own, file formats. What both audits say is set side by side.
"""
