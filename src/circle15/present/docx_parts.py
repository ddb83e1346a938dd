"""What a Word document is made of: styles by name, paragraphs, tables, pictures, fixed bytes."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from circle15.errors import Fault, FileError, MissingPartError

if TYPE_CHECKING:
    from docx.document import Document
    from matplotlib.axes import Axes

#: Word writes the time of making into a file; without a fixed one no two would be the same.
MADE = datetime(2000, 1, 1)  # noqa: DTZ001
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
DPI = 150


class _Style(NamedTuple):
    latin: str
    chinese: str
    points: float
    bold: bool = False
    space_before: float = 0.0
    space_after: float = 6.0


#: The styles a report uses; a template has its own of these names, or gets these.
STYLES = {
    "Normal": _Style("Times New Roman", "宋体", 11),
    "Title": _Style("Arial", "黑体", 26, bold=True, space_before=150, space_after=18),
    "Subtitle": _Style("Arial", "黑体", 14, space_after=12),
    "Heading 1": _Style("Arial", "黑体", 16, bold=True, space_before=18, space_after=8),
    "Heading 2": _Style("Arial", "黑体", 13, bold=True, space_before=12, space_after=4),
    "List Bullet": _Style("Times New Roman", "宋体", 11, space_after=3),
    "Caption": _Style("Times New Roman", "宋体", 9, space_after=10),
    "Table Text": _Style("Times New Roman", "宋体", 9, space_after=0),
}
TABLE_STYLE = "Table Grid"
HEAD_SHADE = "E6EFF7"


def open_document(template: str | Path | None) -> Document:
    """Open a template, or make a document of A4 pages with styles of our own.

    A template keeps its text, pages, headers, footers and styles; of the styles that a report
    uses, those it lacks are added.

    Raises
    ------
    FileError
        The template is not there, or is no .docx file.
    MissingPartError
        python-docx is not installed.
    """
    try:
        import docx
    except ImportError as error:
        raise MissingPartError(
            "Word reports need python-docx. Fix: pip install 'circle15[report]'."
        ) from error
    document = docx.Document() if template is None else _read_template(Path(template))
    for name, style in STYLES.items():
        if template is None or name not in document.styles:
            _set_style(document, name, style)
    if template is None:
        _set_pages(document)
    elif TABLE_STYLE not in document.styles:
        _add_grid(document)
    return document


def to_bytes(document: Document, title: str) -> bytes:
    """Return the file; the same document gives the same bytes."""
    properties = document.core_properties
    properties.title = clean(title)[:255]
    properties.created = properties.modified = MADE
    properties.author = properties.last_modified_by = "circle15"
    properties.comments = ""
    properties.revision = 1
    written, fixed = io.BytesIO(), io.BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as made, zipfile.ZipFile(fixed, "w") as packed:
        for part in made.infolist():
            entry = zipfile.ZipInfo(part.filename, ZIP_DATE)
            packed.writestr(entry, made.read(part), zipfile.ZIP_DEFLATED)
    return fixed.getvalue()


def clean(text: object) -> str:
    r"""Leave out what XML forbids, and marks that turn the direction of what follows.

    Examples
    --------
    >>> clean("a\x00b\u202ec<d>𠮷")
    'abc<d>𠮷'
    """
    return "".join(
        " " if letter in "\n\r\t\v\f" else letter
        for letter in str(text)
        if letter in "\n\r\t\v\f" or _is_plain(letter)
    )


def add_text(document: Document, text: object, style: str = "Normal") -> None:
    """Add a paragraph in a style."""
    document.add_paragraph(clean(text), style=document.styles[style])


def add_table(
    document: Document,
    heads: Sequence[str],
    rows: Sequence[Sequence[object]],
    widths_cm: Sequence[float],
    shades: Mapping[str, str] | None = None,
) -> None:
    """Add a table whose head stands on every page; numbers stand on the right.

    Parameters
    ----------
    document
        To its end.
    heads, rows
        Texts; numbers as text that is ready to be read.
    widths_cm
        Of the columns, relative to each other: together they are as wide as the text.
    shades
        Colours, as six hexadecimal digits, of cells that begin with a mark.
    """
    from docx.shared import Cm

    table = document.add_table(rows=0, cols=len(heads), style=document.styles[TABLE_STYLE])
    table.autofit = False
    scale = _text_width_cm(document) / sum(widths_cm)
    widths_cm = [width * scale for width in widths_cm]
    # Word reads the widths of cells, others those of columns.
    for column, width in zip(table.columns, widths_cm, strict=True):
        column.width = Cm(width)
    for row in (heads, *rows):
        cells = table.add_row().cells
        for cell, text, width in zip(cells, row, widths_cm, strict=True):
            _fill_cell(document, cell, clean(text), width, is_head=row is heads)
            shade = HEAD_SHADE if row is heads else (shades or {}).get(clean(text)[:1])
            if shade:
                _shade(cell, shade)
    for position, line in enumerate(table.rows):
        _mark_row(line, is_head=position == 0)
    add_text(document, "", "Table Text")


def add_picture(document: Document, ax: Axes, box_cm: tuple[float, float], caption: str) -> None:
    """Add what is drawn on matplotlib's axes, as large as a box of width and height takes it.

    Its caption is read to the blind as well.
    """
    from docx.shared import Cm

    picture = io.BytesIO()
    figure: Any = ax.figure
    figure.savefig(picture, dpi=DPI, format="png", metadata={"Software": None})
    picture.seek(0)
    width, height = figure.get_size_inches()
    scale = min(box_cm[0] / width, box_cm[1] / height, _text_width_cm(document) / width)
    shape = document.add_picture(picture, width=Cm(width * scale))
    shape._inline.docPr.set("descr", clean(caption))  # noqa: SLF001 - python-docx has no other way
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    add_text(document, caption, "Caption")


def _text_width_cm(document: Document) -> float:
    from docx.shared import Cm

    section: Any = document.sections[-1]
    width = section.page_width - section.left_margin - section.right_margin
    return float(width / Cm(1))


def _is_plain(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category not in {"Cc", "Cf", "Cs"} and ord(letter) not in {0xFFFE, 0xFFFF}


def _read_template(path: Path) -> Document:
    import docx
    from docx.opc.exceptions import OpcError

    try:
        return docx.Document(str(path))
    except (
        KeyError,
        ValueError,
        OSError,
        zipfile.BadZipFile,
        OpcError,
    ) as error:
        fault = Fault(
            str(path),
            f"The template cannot be read as a Word document: {error}.",
            "Save it in Word as .docx, not as .doc or .dotx.",
        )
        raise FileError(fault) from error


def _set_style(document: Document, name: str, look: _Style) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt, RGBColor

    styles = document.styles
    style: Any = styles[name] if name in styles else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    # A theme's fonts go before those that are named, and have no Chinese.
    fonts.attrib.clear()
    for key, family in (("ascii", look.latin), ("hAnsi", look.latin), ("eastAsia", look.chinese)):
        fonts.set(_w(key), family)
    style.font.size, style.font.bold = Pt(look.points), look.bold
    style.font.italic = False
    style.font.color.rgb = RGBColor(0x1B, 0x1F, 0x24)
    style.paragraph_format.space_before = Pt(look.space_before)
    style.paragraph_format.space_after = Pt(look.space_after)


def _w(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(f"w:{name}"))


def _set_pages(document: Document) -> None:
    """A4, and the page's number at its foot."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.shared import Cm

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.3)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    number = OxmlElement("w:fldSimple")
    number.set(_w("instr"), "PAGE")
    foot._p.append(number)  # noqa: SLF001 - python-docx has no fields


def _add_grid(document: Document) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    style: Any = document.styles.add_style(TABLE_STYLE, WD_STYLE_TYPE.TABLE)
    sides = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:color="auto"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    borders = f"<w:tblPr {nsdecls('w')}><w:tblBorders>{sides}</w:tblBorders></w:tblPr>"
    style.element.append(parse_xml(borders))


def _fill_cell(document: Document, cell: Any, text: str, width_cm: float, *, is_head: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm

    cell.width = Cm(width_cm)
    paragraph = cell.paragraphs[0]
    paragraph.style = document.styles["Table Text"]
    paragraph.add_run(text).bold = is_head or None
    if not is_head and text[:1].isdigit() and not any(map(str.isalpha, text)):
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _shade(cell: Any, colour: str) -> None:
    from docx.oxml import OxmlElement

    shade = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(_w(key), value)
    cell._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001 - python-docx has no shading


def _mark_row(row: Any, *, is_head: bool) -> None:
    from docx.oxml import OxmlElement

    properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx knows no head of a table
    properties.append(OxmlElement("w:cantSplit"))
    if is_head:
        properties.append(OxmlElement("w:tblHeader"))
