"""The command line: the same nouns as the library, for those who do not write Python."""

from __future__ import annotations

import json
import locale
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from circle15.archive.folder import read_audit
from circle15.assess.audit import Audit
from circle15.errors import Circle15Error, InputError
from circle15.present.archive import write_audit
from circle15.present.excel import write_excel
from circle15.present.findings_page import write_findings
from circle15.present.packs import (
    say_checked,
    say_doubts,
    say_fault,
    show_standard,
    show_standards,
)
from circle15.present.page import write_page
from circle15.present.terminal import (
    comparison_values,
    show_audit,
    show_comparison,
    show_findings,
    summary_values,
)
from circle15.project.place import Place, danghu_place, read_place
from circle15.project.runs import audit_place, audit_project, check_place
from circle15.project.settings import Project, read_project
from circle15.scenario.changes import audit_changed, read_changes
from circle15.scenario.compare import Comparison, compare
from circle15.sources.samples import helsinki_extract
from circle15.standards.load import list_standards, load_standard
from circle15.standards.schema import standard_schema

app = typer.Typer(
    help="Which blocks miss which facility within a 15-minute walk, why, and what to do about it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
standards = typer.Typer(help="The rules that come with circle15.", no_args_is_help=True)
app.add_typer(standards, name="standards")


class Lang(StrEnum):
    """Language of what is printed."""

    ZH = "zh"
    EN = "en"


def _own_language() -> Lang:
    """Return the language of this computer, English where it is neither."""
    return Lang.ZH if (locale.getlocale()[0] or "").lower().startswith(("zh", "chin")) else Lang.EN


Out = Annotated[Path, typer.Option("--out", help="Folder for the results; made where missing.")]
PageOut = Annotated[
    Path | None,
    typer.Option("--out", help="Page to write (.html) with both maps, or a workbook (.xlsx)."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the summary as JSON, for programs.")]
Against = Annotated[
    str | None,
    typer.Option(
        "--standard", help="Name of a standard, or path of a .toml, instead of the project's."
    ),
]
InLang = Annotated[
    Lang, typer.Option("--lang", help="Language of the table.", default_factory=_own_language)
]

STEPS = ("streets", "facilities", "blocks", "people", "walk times", "page and tables")

#: Exit codes; 0 is done.
BAD_INPUT, OUR_FAULT = 2, 1

OUR_MISTAKE = "this is our mistake, not yours. Please report the lines above."


class Sample(StrEnum):
    """What can be shown without any file of one's own."""

    HELSINKI = "helsinki"
    DANGHU = "danghu"


@app.command()
def demo(
    lang: InLang,
    sample: Annotated[
        Sample, typer.Argument(help="Helsinki's centre, or Danghu on made-up streets.")
    ] = Sample.HELSINKI,
    out: Out = Path("out"),
    against: Against = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Audit a sample that comes with the installation."""
    with _errors_reported():
        project = Project(network=helsinki_extract(), title="Helsinki", beyond="nothing")
        project = _against(project, against)
        place = danghu_place() if sample == Sample.DANGHU else None
        _run(project, out, lang, as_json=as_json, place=place)


@app.command("audit")
def audit_command(
    project: Annotated[Path, typer.Argument(help="A PROJECT.toml, or an OSM extract.")],
    lang: InLang,
    out: Out = Path("out"),
    against: Against = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Audit a place: write the page, the workbook and the tables to a folder."""
    with _errors_reported():
        _run(_against(read_project(project), against), out, lang, as_json=as_json)


@app.command("check")
def check_command(
    project: Annotated[Path, typer.Argument(help="A PROJECT.toml, or an OSM extract.")],
    lang: InLang,
    out: Out = Path("out"),
) -> None:
    """Find what is wrong with the data: write a table and a page with a map to a folder."""
    with _errors_reported():
        wanted = read_project(project)
        place = read_place(wanted, errors="report")
        findings = check_place(place, wanted)
        folder = write_findings(findings, place.network, out, title=place.title)
        show_findings(findings, Console(), lang.value)
        typer.echo(folder / "findings.html")


@app.command("compare")
def compare_command(
    before: Annotated[Path, typer.Argument(help="Folder that an audit was written to.")],
    after: Annotated[
        Path,
        typer.Argument(help="Folder of the audit to set beside it, or a .json of changes tried."),
    ],
    lang: InLang,
    out: PageOut = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Compare two audits of the same units, or one with what it would be after some changes."""
    with _errors_reported():
        was = read_audit(before)
        if after.suffix.lower() == ".json":
            now = audit_changed(was, read_changes(after))
        else:
            now = read_audit(after)
        comparison = compare(was, now)
        if out is not None:
            _write_comparison(comparison, out, lang)
        if as_json:
            typer.echo(json.dumps(comparison_values(comparison), ensure_ascii=False, indent=2))
        else:
            show_comparison(comparison, (str(before), str(after)), Console(), lang.value)


@standards.command("list")
def list_command(lang: InLang) -> None:
    """List the standards: rules on and off, title, and how sure they are."""
    with _errors_reported():
        packs = [load_standard(name) for name in list_standards()]
        show_standards(packs, _console(), lang.value)


@standards.command("show")
def show_command(
    name: Annotated[str, typer.Argument(help="Name of a standard, or path of a .toml file.")],
    lang: InLang,
) -> None:
    """Show the rules of a standard."""
    with _errors_reported():
        show_standard(load_standard(name), _console(), lang.value)


@standards.command("check")
def check_standards_command(
    packs: Annotated[list[str], typer.Argument(help="Paths of .toml files, or names.")],
    lang: InLang,
) -> None:
    """Find all that is wrong with packs of rules, with file, line and rule."""
    with _errors_reported():
        n_good = sum(_checked(pack, lang) for pack in packs)
    if n_good < len(packs):
        raise typer.Exit(BAD_INPUT)


@standards.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of a pack, by which editors check and complete it."""
    typer.echo(json.dumps(standard_schema(), ensure_ascii=False, indent=2))


def _checked(pack: str, lang: Lang) -> bool:
    """Tell what is wrong with a pack, or that it can be used."""
    try:
        standard = load_standard(pack)
    except InputError as error:
        for fault in error.faults:
            typer.echo(getattr(say_fault(fault), lang.value), err=True)
        return False
    for doubt in say_doubts(pack, standard):
        typer.echo(getattr(doubt, lang.value), err=True)
    typer.echo(getattr(say_checked(pack, standard), lang.value))
    return True


def _write_comparison(comparison: Comparison, out: Path, lang: Lang) -> None:
    """Write a workbook where the name says so, else a page."""
    if out.suffix.lower() == ".xlsx":
        write_excel(comparison, out, lang=lang.value)
    else:
        write_page(comparison, out)


def _console() -> Console:
    """Return the console; into a file or a pipe nothing need be cut short."""
    console = Console()
    return console if console.is_terminal else Console(width=160)


def _against(project: Project, standard: str | None) -> Project:
    """Return the project with another standard, where one is named."""
    return project if standard is None else project.model_copy(update={"standard": standard})


def _run(
    project: Project, out: Path, lang: Lang, *, as_json: bool, place: Place | None = None
) -> None:
    """Audit, write, and tell what came of it."""
    result, folder = _audit_with_progress(project, out, place)
    if as_json:
        values = summary_values(result) | {"folder": str(folder)}
        typer.echo(json.dumps(values, ensure_ascii=False, indent=2))
        return
    show_audit(result, _console(), lang.value)
    typer.echo(folder / "meeting.html")


def _audit_with_progress(project: Project, out: Path, place: Place | None) -> tuple[Audit, Path]:
    """Audit and write, with a bar on a terminal and in silence elsewhere."""
    talk = Console(stderr=True)
    columns = (TextColumn("{task.description:16}"), BarColumn(), MofNCompleteColumn())
    bars = Progress(*columns, TimeElapsedColumn(), console=talk)
    with bars if talk.is_terminal else nullcontext():
        task = bars.add_task("", total=len(STEPS))

        def begin(step: str) -> None:
            bars.update(task, description=step, completed=STEPS.index(step))

        result = audit_place(place, project, begin) if place else audit_project(project, begin)
        begin(STEPS[-1])
        folder = write_audit(result, out)
        bars.update(task, completed=len(STEPS))
    return result, folder


@contextmanager
def _errors_reported() -> Iterator[None]:
    """Turn what is wrong with an input into a message and exit code 2, never a traceback."""
    try:
        yield
    except Circle15Error as error:
        for line in str(error).splitlines():
            typer.echo(f"circle15: {line}", err=True)
        raise typer.Exit(BAD_INPUT) from None
    except OSError as error:
        typer.echo(f"circle15: {error.filename}: {error.strerror}.", err=True)
        raise typer.Exit(BAD_INPUT) from None
    except Exception:  # noqa: BLE001 - whatever it is, it is ours to explain
        traceback.print_exc()
        typer.echo(f"circle15: {OUR_MISTAKE}", err=True)
        raise typer.Exit(OUR_FAULT) from None
