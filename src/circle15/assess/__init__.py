"""The audit: units and rules in, measures, verdicts, reasons and a ledger out.

In: units, facilities, a network, a standard, where people live.
Out: a frozen :class:`~circle15.assess.audit.Audit`.
Not in here: searches, file formats, maps. Verdicts come from times, never from polygons.
"""
