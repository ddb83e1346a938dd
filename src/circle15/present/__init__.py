"""Results out: the offline meeting page, the workbook, the notebook map, the folder of files.

In: an :class:`~circle15.assess.audit.Audit`, a :class:`~circle15.scenario.compare.Comparison`.
Out: files and a ``folium.Map``, in Chinese and English.
Not in here: any judgement. Verdicts, reasons and shares are shown as the audit has them.
"""
