"""How alembic reaches the store: by the connection it is given, or by the store of this process."""

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

from core import (  # noqa: F401 - their tables register themselves
    diary,
    figures,
    organisations,
    places,
    points,
    store,
    submissions,
    tallies,
    units,
    whistles,
)  # fmt: skip
from core.accounts import tables as _accounts  # noqa: F401
from core.cases import attachments as _attachments  # noqa: F401
from core.cases import backlog as _backlog  # noqa: F401
from core.cases import tables as _cases  # noqa: F401
from core.handover import tables as _handover  # noqa: F401
from core.imports import tables as _imports  # noqa: F401
from core.liaisons import tables as _liaisons  # noqa: F401
from core.meetings import tables as _meetings  # noqa: F401


def run(connection: Connection) -> None:
    """Bring the tables behind `connection` to the newest version in one transaction."""
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with store.current().writing() as session:
        run(session.connection())
