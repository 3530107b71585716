"""The command line of imports: `python -m core import places|buildings|cases FILE --mapping M.toml`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from core import rules, store
from core.errors import BadFile, Refused
from core.imports import report
from core.imports.run import Job, Kind, run

imports = typer.Typer(no_args_is_help=True, help="Take places, buildings or cases from a file.")

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="GeoJSON or CSV.")]
MappingFile = Annotated[
    Path, typer.Option("--mapping", exists=True, dir_okay=False, help="What the columns mean, see docs/imports.md.")
]
AcceptPartial = Annotated[
    bool, typer.Option("--accept-partial", help="Take the good rows although others are refused.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only report; write nothing.")]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z"],
        help="Let the world stand still at this moment, in the mapping's time zone unless it names one.",
    ),
]


@imports.command()
def places(file: File, mapping: MappingFile, accept_partial: AcceptPartial = False, dry_run: DryRun = False) -> None:
    """Communities, grids or micro-grids with their outlines."""
    _run(Job(Kind.PLACES, file, mapping, accept_partial=accept_partial, dry_run=dry_run))


@imports.command()
def buildings(file: File, mapping: MappingFile, accept_partial: AcceptPartial = False, dry_run: DryRun = False) -> None:
    """Buildings, each in the grid that holds it."""
    _run(Job(Kind.BUILDINGS, file, mapping, accept_partial=accept_partial, dry_run=dry_run))


@imports.command()
def cases(
    file: File,
    mapping: MappingFile,
    as_of: AsOf = None,
    accept_partial: AcceptPartial = False,
    dry_run: DryRun = False,
) -> None:
    """Cases with as much of their history as the source proves."""
    _run(Job(Kind.CASES, file, mapping, as_of, accept_partial, dry_run))


def _run(job: Job) -> None:
    into = store.current()
    into.migrate()
    try:
        outcome = run(into, job, rules.current())
    except (BadFile, Refused) as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(1) from wrong
    for line in report.lines(outcome):
        typer.echo(line)
    if outcome.is_refused:
        raise typer.Exit(1)
