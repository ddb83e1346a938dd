"""The audit as a report in Word, which a bureau may make in its own template."""

from __future__ import annotations

from pathlib import Path

from circle15.assess.audit import Audit
from circle15.present.docx_parts import open_document, to_bytes
from circle15.present.draft import Draft
from circle15.present.files import write_atomically
from circle15.present.report import CHAPTERS
from circle15.words import Language, load_words


def write_word(
    audit: Audit, path: str | Path, *, lang: Language = "zh", template: str | Path | None = None
) -> Path:
    """Write an audit as a report of some six to ten pages.

    Title page; what was audited and how sure it is; all rules in a table and a chart; a map; for
    each rule with gaps what it asks, where, for how many people, why, the worst units with their
    evidence, and what helps; rules that cannot be judged yet and what they lack; the first rows
    of the ledger; costs, where the standard says them; findings, assumptions, owners and
    licences. A rule whose figures are from memory says so wherever it stands.

    Parameters
    ----------
    audit
        Any audit.
    path
        The .docx file; it is replaced as a whole, or not touched.
    lang
        Language of the report.
    template
        A .docx file, whose styles of the names ``Title``, ``Subtitle``, ``Heading 1``,
        ``Heading 2``, ``Normal``, ``List Bullet``, ``Caption``, ``Table Text`` and ``Table Grid``
        are used, and whose pages, header and footer stay. The report follows what text it has.

    Returns
    -------
    pathlib.Path
        ``path``.

    Raises
    ------
    InputError
        There is no such language.
    FileError
        The template cannot be read, or the file cannot be written.
    MissingPartError
        python-docx or matplotlib is not installed (extra ``report``).
    """
    return write_atomically(path, render_word(audit, lang, template))


def render_word(audit: Audit, lang: Language = "zh", template: str | Path | None = None) -> bytes:
    """Return the report's bytes; the same audit and template give the same bytes."""
    draft = Draft(open_document(template), audit, lang, load_words(lang))
    for add_chapter in CHAPTERS:
        add_chapter(draft)
    return to_bytes(draft.document, audit.manifest.title)
