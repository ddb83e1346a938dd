"""A chart of Excel's own: how much is covered by each rule, for sure and perhaps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from circle15.assess.audit import Audit
from circle15.present.names import title_of, words_for
from circle15.words import Language, load_words

SURELY, PERHAPS = "#2F78B3", "#8A8F96"

#: Height of a bar with its title, and of all else, in pixels.
BAR, AROUND = 26, 110


def chart_table(audit: Audit, language: Language) -> pd.DataFrame:
    """Return what the chart shows: a row per rule that asks some unit.

    Returns
    -------
    pandas.DataFrame
        ``title``, ``denominator`` (of what the share is), ``surely`` and ``perhaps`` (what may
        come on top, where data are missing); all perhaps where nothing is known.
    """
    summary = audit.summary
    titles = [title_of(rule, language) for rule in audit.standard.rules]
    unknown = summary["coverage_min"].isna() & summary["unknown"].eq(summary["units"])
    least = summary["coverage_min"].mask(unknown, 0.0)
    most = summary["coverage_max"].mask(unknown, 1.0)
    table = pd.DataFrame(
        {
            "title": titles,
            "denominator": words_for(summary["denominator"], "denominator", language),
            "surely": least,
            "perhaps": most - least,
        }
    )
    asked = summary["units"].gt(0) & least.notna()
    return table[asked].reset_index(drop=True)


def draw_chart(book: Any, sheet: Any, table: pd.DataFrame, language: Language, font: str) -> None:
    """Draw bars beside the table of a sheet that :func:`chart_table` filled."""
    if table.empty:
        return
    words = load_words(language)
    name, last = sheet.get_name(), len(table)
    chart = book.add_chart({"type": "bar", "subtype": "stacked"})
    looks = {
        "surely": {"fill": {"color": SURELY}},
        # Hatched, so that it is told apart without colours.
        "perhaps": {
            "pattern": {
                "pattern": "wide_upward_diagonal",
                "fg_color": PERHAPS,
                "bg_color": "#FFFFFF",
            },
            "border": {"color": PERHAPS},
        },
    }
    for column, look in looks.items():
        at = int(np.flatnonzero(table.columns == column)[0])
        chart.add_series(
            {
                "name": words[f"column.{column}"],
                "categories": [name, 1, 0, last, 0],
                "values": [name, 1, at, last, at],
                "gap": 40,
                **look,
            }
        )
    text = {"name": font, "size": 9}
    chart.set_title({"name": words["sheet.coverage"], "name_font": {"name": font, "size": 13}})
    chart.set_x_axis({"min": 0, "max": 1, "num_format": "0%", "num_font": text})
    chart.set_y_axis({"reverse": True, "num_font": text})
    chart.set_legend({"position": "top", "font": text})
    chart.set_size({"width": 760, "height": AROUND + BAR * last})
    sheet.insert_chart(0, len(table.columns) + 1, chart)
