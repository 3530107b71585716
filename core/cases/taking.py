"""A step as a phone hands it in: once, however often the tap or the network repeats it, and with its photos."""

from collections.abc import Sequence

from sqlmodel import Session, select

from core import submissions
from core.cases import commands
from core.cases.attachments import PHOTO_OF, attach
from core.cases.queries import visible_to
from core.cases.steps import CaseState, Move, Step
from core.cases.tables import Case, CaseEvent
from core.errors import NotFound
from core.language import N_
from core.people import Principal
from core.photos import Photo
from core.rules import Rules
from core.words import Permission, PhotoKind, Verb


def take_once(
    db: Session, who: Principal, case_id: int, move: Move, rules: Rules, *,
    key: str, photos: Sequence[Photo] = (), category: str | None = None,
) -> CaseEvent | None:  # fmt: skip
    """Take a step with its photos, all or nothing; None when `key` was handed in before and nothing is to be done.

    Raises: NotFound, Refused, as `commands.take` does; the key is then free again.
    """
    if not submissions.is_first(db, who.user_id, key, move.recorded_at):
        return None
    if move.verb is Verb.CORRECT:
        event = commands.correct(db, who, case_id, move, rules, category=category)
    else:
        event = commands.take(db, who, case_id, move, rules)
    if photos:
        attach(db, who, case_id, PHOTO_OF.get(move.verb, PhotoKind.BEFORE), photos, move.recorded_at)
    return event


def on_behalf_of(case: CaseState, step: Step, who: Principal) -> int | None:
    """The unit for which `who` would record the step; None when it is a step of their own."""
    is_own = step.who is not Permission.WORK_FOR_UNIT or who.may(step.who, case.path, case.unit_id)
    return None if is_own else case.unit_id


def case_numbered(db: Session, who: Principal, number: str) -> int:
    """The id of the case that people call by `number`.

    Raises: NotFound, when there is none that `who` may see.
    """
    found = db.exec(select(Case.id).where(Case.number == number.strip(), visible_to(who))).first()
    if found is None:
        raise NotFound(N_("There is no such case"))
    return found
