"""The command line: serve, migrate, import, demo, simulator, accounts and verification."""

from typing import Annotated

import typer
from sqlalchemy.exc import OperationalError, ProgrammingError

from core import clock, serving, store
from core import rules as rules_of
from core.accounts.command import users
from core.accounts.verify import verified
from core.demo.load import load_demo
from core.demo.simulate import run as run_simulator
from core.errors import BadFile, Refused
from core.imports.command import imports
from core.meetings import kinds
from core.rules_command import rules, tick

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(imports, name="import")
app.add_typer(rules, name="rules")
app.command()(tick)
app.add_typer(users, name="users")


@app.command()
def migrate() -> None:
    """Bring the store's tables to the newest version."""
    store.current().migrate()


@app.command()
def demo() -> None:
    """Load the demo street into an empty store."""
    store.current().migrate()
    load_demo(store.current(), clock.now())


@app.command()
def simulate(pace: Annotated[float, typer.Option(min=0.01, help="1: something every few seconds")] = 1.0) -> None:
    """Let residents report and staff work in a demo store, until Ctrl-C."""
    run_simulator(store.current(), pace, serving.stopping())


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8501,
    demo: Annotated[bool, typer.Option("--demo/--no-demo", help="load the demo street into an empty store")] = True,
) -> None:
    """Migrate the store, load the demo street if it is empty, and serve; Ctrl-C ends all."""
    rules_of.current(), kinds.current()  # a mistake in them is told now, with file and line, and not on some page
    here = store.current()
    here.migrate()
    if demo and _is_empty():
        typer.echo("Loading the demo street …")
        load_demo(here, clock.now())
    with here.reading() as db:
        simulated = demo and store.is_demo(db)
    here.close()
    raise typer.Exit(serving.serve(port, simulated=simulated, say=typer.echo))


@app.command()
def verify() -> None:
    """Go through the events of every case and the audit, and say which rows were edited or are missing."""
    with store.current().reading() as db:
        report = verified(db)
    for number, breach in report.breaches:
        typer.echo(f"{f'case {number}' if number else 'audit'}: row {breach.ordinal} is {breach.kind}", err=True)
    typer.echo(f"{report.cases} cases, {report.events} events, {report.audit.count} audit rows")
    typer.echo(
        f"The audit ends in {report.audit.hash or 'nothing'}: keep this line elsewhere, and compare it next time"
    )
    raise typer.Exit(1 if report.breaches else 0)


def _is_empty() -> bool:
    with store.current().reading() as db:
        return store.is_empty(db)


def main() -> None:
    """Run the command line; a refusal, a bad file or a store that is not ready is a sentence, not a traceback."""
    try:
        app()
    except (Refused, BadFile) as error:
        typer.echo(str(error), err=True)
        raise SystemExit(1) from error
    except (OperationalError, ProgrammingError) as error:
        typer.echo(f"The store cannot be used: {error.orig}", err=True)
        typer.echo("Check DATABASE_URL; `python -m core migrate` makes its tables or brings them up to date.", err=True)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
