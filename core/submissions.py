"""What was handed in before: a repeated tap, or a replay after a bad network, does nothing twice."""

from datetime import datetime

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel

LONGEST_KEY = 64


class Submission(SQLModel, table=True):
    """The key under which a browser handed something in, once a person."""

    __tablename__ = "submission"
    user_id: int = Field(primary_key=True, foreign_key="user_account.id")
    key: str = Field(primary_key=True, max_length=LONGEST_KEY)
    at: datetime


def is_first(db: Session, user_id: int, key: str, at: datetime) -> bool:
    """Claim `key` in the caller's transaction; False when it was handed in before, and there is nothing left to do.

    Of two at the same moment the second waits here until the first has committed, or was undone and leaves it free.
    """
    dialect = sqlite if db.get_bind().dialect.name == "sqlite" else postgresql
    table: Table = Submission.__table__  # type: ignore[attr-defined]
    statement = dialect.insert(table).values(user_id=user_id, key=key[:LONGEST_KEY], at=at)
    claimed = db.connection().execute(statement.on_conflict_do_nothing().returning(table.c.key))
    return claimed.first() is not None
