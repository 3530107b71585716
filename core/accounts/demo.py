"""The accounts of a demo store: one person of each role with a password that everybody may know; nowhere else."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from core import store
from core.accounts import audit, passwords
from core.errors import Refused
from core.language import N_
from core.people import Appointment, User
from core.words import Action, Role

PASSWORD = "yanshi-5wuli-pu-26"  # not a secret: it opens only what is invented
LOGINS = {
    Role.DUTY_OFFICER: "zhiban",
    Role.LEADER: "lingdao",
    Role.SECRETARY: "shuji",
    Role.GRID_HEAD: "wanggezhang",
    Role.LIAISON: "lianluo",
    Role.ADMINISTRATOR: "guanli",
}


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A person whom every visitor of a demo may be."""

    role: Role
    name: str
    login: str


def open_accounts(db: Session, now: datetime) -> None:
    """Give the first person of each role in a demo store a sign-in name and the demo's password.

    Raises: Refused, in any other store.
    """
    if not store.is_demo(db):
        raise Refused(N_("Demo accounts exist in a demo store only"))
    stored = passwords.hashed(PASSWORD, salt=b"the demo repeats")
    for role, login in LOGINS.items():
        first = select(User).join(Appointment, col(Appointment.user_id) == User.id).where(Appointment.role == role)
        if user := db.exec(first.order_by(col(Appointment.id))).first():
            user.login, user.password_hash = login, stored
    db.flush()
    audit.record(db, Action.OPEN_DEMO, "", at=now)


def accounts(db: Session) -> list[DemoAccount]:
    """The accounts to be listed on the sign-in page; none in a store that is no demo."""
    if not store.is_demo(db):
        return []
    names = dict(db.exec(select(User.login, User.name).where(col(User.login).in_(LOGINS.values()))).all())
    return [DemoAccount(role, names[login], login) for role, login in LOGINS.items() if login in names]
