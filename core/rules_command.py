"""The command line of the rules: check edited files before they are applied, and ask what if."""

import shutil
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from core import clock, store
from core import rules as rules_of
from core.calendars import LAST_YEAR
from core.cases import upkeep
from core.cases import what_if as asking
from core.cases.upkeep import Done
from core.cases.what_if import OnTime, Shift
from core.clock import SHANGHAI, local
from core.errors import BadFile, Refused
from core.language import N_
from core.meetings import kinds
from core.rules import Rules
from core.serving import stopping

Edited = Annotated[Path, typer.Argument(exists=True, help="an edited rule file, or a folder of them")]
rules = typer.Typer(no_args_is_help=True, help="Check edited rules, and ask what if.")
KNOWN = f"holidays are known up to {LAST_YEAR}"
SHOWN = 20  # shifted promises that are listed one by one


@rules.command()
def check(
    edited: Annotated[Path, typer.Argument(exists=True, help="an edited rule file, or a folder of them")],
) -> None:
    """Validate edited rule files against the rest, and show what would change for open cases before they apply."""
    found = loaded(edited)
    typer.echo(f"Valid. Version {found.version}, in force {rules_of.current().version}.")
    with store.current().reading() as db:
        if gone := asking.missing(db, found):
            typer.echo("Open cases still need: " + ", ".join(gone), err=True)
            raise typer.Exit(1)
        _tell_shifts(asking.shifts(db, found))
        if gap := upkeep.calendar_gap(db, clock.now()):
            typer.echo(f"Holidays are known up to {gap.last_year}; {gap.provisional} running promises are provisional.")


@rules.command(name="what-if")
def what_if(
    month: Annotated[str, typer.Option(help="of the report, 2026-10")],
    regime: Annotated[str, typer.Option(help="code of the regime to ask about")],
) -> None:
    """Replay the cases of a month under another regime, and compare the rates of promises kept in time."""
    in_force = rules_of.current()
    if regime not in in_force.regimes:
        raise Refused(N_("There is no regime {code}"), code=regime)
    since, until = month_of(month)
    with store.current().reading() as db:
        answer = asking.what_if(db, in_force, regime, since, until, clock.now())
    typer.echo(f"{answer.cases} cases reported in {month}, had everybody acted at the same times:")
    typer.echo(f"  as promised  {_rate(answer.was)}")
    typer.echo(f"  {regime}  {_rate(answer.would_be)}")


def tick(
    every_s: Annotated[float | None, typer.Option("--every", min=1, help="seconds; without it once")] = None,
) -> None:
    """Escalate what lies in silence, and reckon provisional promises anew; `serve` lets it run each minute."""
    if every_s is None:
        done = _tick()
        typer.echo(f"Escalated {done.escalated}, reckoned anew {done.reckoned}; {KNOWN}.")
        return
    stop = stopping()
    while not stop.is_set():
        try:
            done = _tick()
        except store.UNREADABLE as error:  # it may come back
            typer.echo(f"The store could not be reached: {type(error).__name__}", err=True)
        else:
            if any(done):
                typer.echo(f"Escalated {done.escalated}, reckoned anew {done.reckoned}; {KNOWN}.")
        stop.wait(every_s)


def _tick() -> Done:
    with store.current().writing() as db:
        return upkeep.upkeep(db, rules_of.current(), clock.now())


def loaded(edited: Path) -> Rules:
    """The rules with `edited`, a file or a folder, in the place of its namesakes.

    Raises: BadFile, naming the edited file and the line.
    """
    files = sorted(edited.glob("*.toml")) if edited.is_dir() else [edited]
    with tempfile.TemporaryDirectory() as folder:
        together = Path(shutil.copytree(rules_of.RULES, folder, dirs_exist_ok=True))
        for file in files:
            if not (together / file.name).exists():
                raise BadFile(file, None, "there is no rule file of this name")
            shutil.copy(file, together / file.name)
        try:
            kinds.load(together)
            return rules_of.load(together)
        except BadFile as error:
            mine = next((file for file in files if file.name == error.path.name), rules_of.RULES / error.path.name)
            raise BadFile(mine, error.line, error.what) from error


def month_of(text: str) -> tuple[datetime, datetime]:
    """The first moment of a month, and of the next one.

    Units: aware UTC; a month of Asia/Shanghai.
    Raises: Refused, when `text` is no month.
    """
    try:
        since = datetime.strptime(text, "%Y-%m").replace(tzinfo=SHANGHAI)
    except ValueError as error:
        raise Refused(N_("{text} is no month: write 2026-10"), text=text) from error
    until = since.replace(year=since.year + since.month // 12, month=since.month % 12 + 1)
    return since.astimezone(UTC), until.astimezone(UTC)


def _tell_shifts(found: list[Shift]) -> None:
    """Promises already made stay as they are; what is told is how they would have been made."""
    cases = len({shift.number for shift in found})
    typer.echo(f"Promises already made stay. Made anew, {len(found)} of {cases} open cases would differ:")
    kinds = Counter(_kind(shift) for shift in found)
    typer.echo("  " + ", ".join(f"{number} {kind}" for kind, number in kinds.most_common()) if kinds else "  none")
    for shift in found[:SHOWN]:
        typer.echo(f"  {shift.number} {shift.clock}: {_when(shift.was)} -> {_when(shift.would_be)}")
    if len(found) > SHOWN:
        typer.echo(f"  and {len(found) - SHOWN} more")


def _kind(shift: Shift) -> str:
    if shift.was is None or shift.would_be is None:
        return "new" if shift.was is None else "gone"
    return "earlier" if shift.would_be < shift.was else "later"


def _when(moment: datetime | None) -> str:
    return f"{local(moment):%Y-%m-%d %H:%M}" if moment else "none"


def _rate(found: OnTime) -> str:
    share = "—" if found.rate is None else f"{found.rate:.1%}"
    return f"{share}  ({found.kept} of {found.settled})"
