import io
import re
import zipfile
from dataclasses import replace

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Pt

from circle15.errors import FileError, InputError, MissingPartError
from circle15.present.docx_parts import STYLES
from circle15.present.evidence import evidence
from circle15.present.report import LEDGER_ROWS
from circle15.present.report_gaps import WORST_UNITS
from circle15.present.word import render_word, write_word
from circle15.words import load_words

HOSTILE = "<script>alert(1)</script>\x00\x0b \u202e\"'&𠮷 =cmd|' /C calc'!A0"
SHOWN = "<script>alert(1)</script>  \"'&𠮷 =cmd|' /C calc'!A0"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def reports(danghu_audit):
    return {lang: render_word(danghu_audit, lang) for lang in ("zh", "en")}


def read(content: bytes):
    return docx.Document(io.BytesIO(content))


def words_of(document) -> list[str]:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for paragraph in document.paragraphs] + cells


def table_under(document, head: str):
    return next(table for table in document.tables if table.rows[0].cells[0].text == head)


def test_all_chapters_are_there_in_both_languages(reports):
    for lang, content in reports.items():
        words = load_words(lang)
        heads = [p.text for p in read(content).paragraphs if p.style.name == "Heading 1"]
        chapters = (
            "subject certainty summary map gaps unknowns ledger costs findings assumptions sources"
        )
        assert heads == [words[f"report.{name}"] for name in chapters.split()]


def test_every_rule_stands_in_the_summary_with_its_figures(reports, danghu_audit):
    rows = table_under(read(reports["en"]), "Rule (clause)").rows[1:]
    summary = danghu_audit.summary
    assert len(rows) == len(summary)
    for row, (_, told), rule in zip(
        rows, summary.iterrows(), danghu_audit.standard.rules, strict=True
    ):
        texts = [cell.text for cell in row.cells]
        assert rule.title_en in texts[0]
        assert rule.clause in texts[0]
        assert texts[2].endswith(told["verdict"])
        assert texts[5] == f"{told['covered']} / {told['gap']} / {told['unknown']}"
    walk = [cell.text for cell in rows[0].cells]
    assert walk[3] == f"{summary['coverage_min'].iloc[0] * 100:.1f} %"
    assert walk[1] == "4 min on foot at most"


def test_a_rule_from_memory_says_so_wherever_it_stands(reports):
    for lang, title, mark in (
        ("zh", "友邻点 4 分钟", "〔凭记忆"),
        ("en", "Neighbour point within 4 min", " [from memory"),
    ):
        document = read(reports[lang])
        named = [text for text in words_of(document) if title in text]
        assert len(named) > 4
        assert all(title + mark in text for text in named)
        described = re.findall(r'descr="([^"]*)"', document.element.xml)
        assert any(title + mark in text for text in described)


def test_the_worst_units_stand_with_evidence(reports, danghu_audit):
    gaps = danghu_audit.ledger[danghu_audit.ledger["verdict"] == "gap"]
    worst = gaps[gaps.index.get_level_values("rule_id") == "M-1"].head(WORST_UNITS)
    tables = [
        table
        for table in read(reports["zh"]).tables
        if table.rows[0].cells[-1].text == "最近或所指设施"
    ]
    rows = [[cell.text for cell in row.cells] for table in tables for row in table.rows[1:]]
    sentences = evidence(worst, danghu_audit, "zh")
    assert "分钟" in sentences.iloc[0]
    for (unit_id, _), row in worst.iterrows():
        name = danghu_audit.units["name"][unit_id]
        mine = next(line for line in rows if line[0] == name and "分钟" in line[2])
        assert mine[1] == f"{row['people_affected']:,.0f}"
        assert mine[2] == sentences[unit_id].item()
        assert mine[3] == danghu_audit.facilities["name"][row["facility_id"]]


def test_the_ledger_and_the_costs_are_those_of_the_audit(reports, danghu_audit):
    document = read(reports["en"])
    ledger = table_under(document, "No.")
    assert len(ledger.rows) == 1 + LEDGER_ROWS
    people = [row.cells[4].text for row in ledger.rows[1:]]
    expected = danghu_audit.ledger["people_affected"].head(LEDGER_ROWS)
    assert people == [f"{n:,.0f}" for n in expected]
    table = next(t for t in document.tables if t.rows[0].cells[-1].text == "Paid")
    yuan = sum(float(row.cells[3].text.replace(",", "")) for row in table.rows[1:])
    gaps = danghu_audit.ledger[danghu_audit.ledger["verdict"] == "gap"]
    assert yuan == gaps["cost_yuan"].sum() > 0


def test_an_english_report_is_english_but_for_names_and_clauses(reports, danghu_audit):
    document = read(reports["en"])
    data = [
        danghu_audit.standard.source,
        *danghu_audit.manifest.attribution,
        danghu_audit.manifest.title,
        *danghu_audit.units["name"],
        *danghu_audit.parents["name"],
        *danghu_audit.facilities["name"].dropna(),
        *(rule.clause for rule in danghu_audit.standard.rules),
    ]
    for text in words_of(document):
        for name in sorted(data, key=len, reverse=True):
            text = text.replace(name, "")  # noqa: PLW2901 - taken away name by name
        assert not CHINESE.search(text), text


def test_chinese_has_chinese_fonts(reports):
    document = read(reports["zh"])
    for name, look in STYLES.items():
        fonts = document.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) == look.chinese
        assert not any("Theme" in key for key in fonts.attrib)


def test_the_same_audit_gives_the_same_bytes(reports, danghu_audit):
    assert render_word(danghu_audit, "zh") == reports["zh"]
    with zipfile.ZipFile(io.BytesIO(reports["zh"])) as packed:
        assert {entry.date_time[0] for entry in packed.infolist()} == {1980}
        assert packed.testzip() is None


def test_names_do_no_harm(danghu_audit):
    rules = tuple(
        rule.model_copy(update={"title_zh": HOSTILE}) for rule in danghu_audit.standard.rules
    )
    named = replace(
        danghu_audit,
        units=danghu_audit.units.assign(name=HOSTILE),
        facilities=danghu_audit.facilities.assign(name=HOSTILE),
        manifest=replace(danghu_audit.manifest, title=HOSTILE),
        standard=danghu_audit.standard.model_copy(update={"rules": rules}),
    )
    document = read(render_word(named))
    texts = words_of(document)
    assert texts.count(SHOWN) > 2 * WORST_UNITS
    assert not any("\u202e" in text for text in texts)
    assert document.core_properties.title == SHOWN
    assert "w:instrText" not in document.element.xml


@pytest.fixture
def template(tmp_path):
    """Return a bureau's own: narrow, a header, a cover text, and hardly any style."""
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "平湖市规划局"
    document.sections[0].footer.paragraphs[0].text = "内部资料"
    document.sections[0].page_width = Pt(500)
    document.styles["Heading 1"].font.size = Pt(31)
    document.styles["Heading 1"].font.name = "方正小标宋"
    for name in ("Caption", "Table Grid", "List Bullet"):
        document.styles[name].delete()
    document.add_paragraph("封面")
    path = tmp_path / "模板.docx"
    document.save(path)
    return path


def test_a_bureau_s_template_keeps_its_looks(danghu_audit, template, tmp_path):
    path = write_word(danghu_audit, tmp_path / "报告.docx", template=template)
    document = docx.Document(path)
    assert document.paragraphs[0].text == "封面"
    section = document.sections[0]
    assert section.header.paragraphs[0].text == "平湖市规划局"
    assert section.footer.paragraphs[0].text == "内部资料"
    assert section.page_width == Pt(500)
    assert document.styles["Heading 1"].font.size == Pt(31)
    assert document.styles["Heading 1"].font.name == "方正小标宋"
    assert {"Caption", "Table Grid", "List Bullet", "Table Text"} <= {
        style.name for style in document.styles
    }
    assert "各条规则的结果" in [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert render_word(danghu_audit, "zh", template) == path.read_bytes()
    within = section.page_width - section.left_margin - section.right_margin
    for table in document.tables:
        assert sum(cell.width for cell in table.rows[0].cells) == pytest.approx(within, rel=0.01)
    assert all(shape.width <= within for shape in document.inline_shapes)


@pytest.mark.parametrize("content", [None, b"", b"not a document", b"PK\x03\x04"])
def test_a_template_that_is_none_is_refused(danghu_audit, tmp_path, content):
    path = tmp_path / "a.docx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FileError, match=r"Save it in Word as \.docx"):
        write_word(danghu_audit, tmp_path / "b.docx", template=path)
    assert not (tmp_path / "b.docx").exists()


def test_without_python_docx_the_extra_is_named(danghu_audit, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "docx", None)
    with pytest.raises(MissingPartError, match=r"circle15\[report\]"):
        write_word(danghu_audit, tmp_path / "a.docx")


def test_an_unknown_language_is_refused(danghu_audit, tmp_path):
    with pytest.raises(InputError, match="no language 'fi'"):
        write_word(danghu_audit, tmp_path / "a.docx", lang="fi")


def test_an_audit_without_gaps_says_so(danghu_audit):
    covered = danghu_audit.ledger.iloc[:0]
    text = "\n".join(words_of(read(render_word(replace(danghu_audit, ledger=covered), "en"))))
    assert "No gap is known." in text
    assert "No gap and no unknown." in text
    assert "What closing the gaps costs" not in text
