"""An audit as tables in a folder, and the audit out of them again.

In: an :class:`~circle15.assess.audit.Audit`, or a folder that one was written to.
Out: Parquet files and a manifest, or the audit, equal to the one that was written.
Not in here: what people look at. Pages and workbooks are made in present.
"""
