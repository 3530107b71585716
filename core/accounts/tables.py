"""The tables of signing in and of the audit."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String
from sqlmodel import Field, SQLModel

from core.words import Action, Outcome


class Purpose(StrEnum):
    """What a one-time code opens."""

    HANDOFF = "handoff"
    PAIRING = "pairing"


class AuthSession(SQLModel, table=True):
    """A browser that is signed in; of its id only the SHA-256 is known here."""

    __tablename__ = "auth_session"
    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(max_length=64, unique=True)
    user_id: int = Field(foreign_key="user_account.id", index=True)
    origin: str = Field(max_length=64)
    created_at: datetime
    active_at: datetime  # of the last act of the person, at most a minute old; a background refresh is none
    ends_at: datetime
    revoked_at: datetime | None = None


class OneTimeCode(SQLModel, table=True):
    """A code that opens one session: handed from the sign-in page to the browser, or typed at a wall screen."""

    __tablename__ = "one_time_code"
    digest: str = Field(primary_key=True, max_length=64)
    purpose: Purpose = Field(sa_type=String(8))
    user_id: int = Field(foreign_key="user_account.id", index=True)
    expires_at: datetime = Field(index=True)
    used_at: datetime | None = None


class LoginAttempt(SQLModel, table=True):
    """An attempt to come in, kept for a day to count the failures from one address."""

    __tablename__ = "login_attempt"
    __table_args__ = (Index("ix_login_attempt_origin", "origin", "at"),)
    id: int | None = Field(default=None, primary_key=True)
    origin: str = Field(max_length=64)
    at: datetime = Field(index=True)
    succeeded: bool = False


class AuditEvent(SQLModel, table=True):
    """What somebody did to something, when and from where. Appended, never edited."""

    __tablename__ = "audit_event"
    ordinal: int = Field(primary_key=True)  # 1, 2, 3 … without a gap
    at: datetime = Field(index=True)
    by_id: int | None = Field(default=None, foreign_key="user_account.id", index=True)
    by_name: str = Field(max_length=40)  # as it was then
    action: Action = Field(sa_type=String(24))
    subject: str = Field(max_length=80)
    origin: str = Field(max_length=64)
    outcome: Outcome = Field(sa_type=String(8))
    detail: str = ""
    hash: str = Field(max_length=64)


class AuditHead(SQLModel, table=True):
    """The end of the chain of audit rows: without it a cut-off end would not show."""

    __tablename__ = "audit_head"
    id: int = Field(default=1, primary_key=True)
    count: int = 0
    hash: str = Field(default="", max_length=64)
