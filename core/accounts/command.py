"""`python -m core users`: accounts at the server's command line."""

from typing import Annotated

import typer

from core import clock, store
from core.accounts.first import first_administrator, new_password

users = typer.Typer(no_args_is_help=True, help="Accounts: the first administrator, a new temporary password.")


@users.command()
def first(
    login: Annotated[str, typer.Option(help="the name to sign in with")] = "admin",
    name: Annotated[str, typer.Option(help="the name on screen")] = "管理员",
) -> None:
    """Add the first administrator; the password is printed once and must be changed at the first sign-in."""
    store.current().migrate()
    with store.current().writing() as db:
        password = first_administrator(db, name, login, clock.real_now())
    _say(login, password)


@users.command()
def password(login: Annotated[str, typer.Argument(help="the name to sign in with")]) -> None:
    """Give somebody a temporary password, unlock the account and end its sessions."""
    with store.current().writing() as db:
        temporary = new_password(db, login, clock.real_now())
    _say(login, temporary)


def _say(login: str, temporary: str) -> None:
    typer.echo(f"{login}: {temporary}\nIt is shown this once and must be changed at the first sign-in.")
