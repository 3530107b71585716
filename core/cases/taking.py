"""A step as a phone hands it in: once, however often the tap or the network repeats it, and with its photos."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, select

from core import submissions, whistles
from core.accounts.audit import Asker
from core.cases import commands
from core.cases.attachments import PHOTO_OF, attach
from core.cases.queries import case_seen_by, visible_to
from core.cases.steps import STEPS, Move, Step
from core.cases.tables import Case, CaseEvent
from core.errors import NotFound
from core.language import N_
from core.people import Principal
from core.photos import Photo, cleaned
from core.rules import Rules
from core.whistles import Whistle
from core.words import Permission, PhotoKind, Verb, WhistleKind


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


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What a form says of a step.

    Units: `minutes_ago` it happened; `photos` as uploaded.
    """

    verb: Verb
    key: str
    note: str = ""
    unit_id: int | None = None
    hours: float | None = None
    other: str = ""  # the number of the case into which this one is merged
    category: str | None = None
    minutes_ago: int = 0
    photos: tuple[bytes, ...] = ()
    seen_version: int | None = None


def hand_in(db: Session, asker: Asker, case_id: int, said: HandedIn, rules: Rules, *, now: datetime) -> bool:
    """Take the step that a form says, for the unit that has the case where it is a unit's step.

    Returns: False, when it had been handed in before and nothing was done.
    Raises: NotFound, Refused, as `take_once` does, or when a photo cannot be kept.
    """
    photos = [cleaned(photo) for photo in said.photos]  # before the first word to the store: it holds no lock yet
    case = case_seen_by(db, asker.who, case_id)
    if case is None:
        raise NotFound(N_("There is no such case"))
    # just now is never before the step that came before
    at = now - timedelta(minutes=said.minutes_ago) if said.minutes_ago else max(now, case.moved_at)
    move = Move(
        said.verb, asker.who, at, max(now, at), said.unit_id, said.note.strip() or None,
        on_behalf_of(case.path, case.unit_id, STEPS[said.verb], asker.who), said.seen_version, said.hours,
        case_numbered(db, asker.who, said.other) if said.other else None,
    )  # fmt: skip
    return bool(take_once(db, asker.who, case_id, move, rules, key=said.key, photos=photos, category=said.category))


def blow_once(
    db: Session, asker: Asker, case_id: int, kind: WhistleKind, unit_ids: Sequence[int], text: str, rules: Rules, *,
    key: str, now: datetime,
) -> Whistle | None:  # fmt: skip
    """Blow a whistle about a case; None when `key` was handed in before.

    Raises: NotFound, Refused, as `whistles.blow` does.
    """
    if not submissions.is_first(db, asker.who.user_id, key, now):
        return None
    return whistles.blow(db, asker, kind, unit_ids, text, rules, now=now, case_id=case_id)


def on_behalf_of(path: str, unit_id: int | None, step: Step, who: Principal) -> int | None:
    """The unit for which `who` would record the step on a case of it; None when it is a step of their own."""
    is_own = step.who is not Permission.WORK_FOR_UNIT or who.may(step.who, path, unit_id)
    return None if is_own else unit_id


def case_numbered(db: Session, who: Principal, number: str) -> int:
    """The id of the case that people call by `number`.

    Raises: NotFound, when there is none that `who` may see.
    """
    found = db.exec(select(Case.id).where(Case.number == number.strip(), visible_to(who))).first()
    if found is None:
        raise NotFound(N_("There is no such case"))
    return found
