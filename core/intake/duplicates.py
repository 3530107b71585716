"""Whether a report is known already: open cases nearby of the same kind, or told in nearly the same words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import and_
from sqlmodel import Session, col, select

from core.cases.queries import visible_to
from core.cases.tables import Case
from core.intake.finding import Found
from core.intake.wording import Grams, Lexicon, grams
from core.people import Principal
from core.places import Place, Spot, below, node_of
from core.words import Severity, Stage

ALIKE = 0.3  # of the shorter text; docs/intake.md has what that finds and what it says in vain
NEAR_M, FAR_M = 80.0, 400.0  # the same thing; no longer the same thing, whatever the words
RECENT, OLDEST = timedelta(days=7), timedelta(days=30)
COMPARED, OFFERED = 400, 5
DEGREE_M = 111_320.0


@dataclass(frozen=True, slots=True)
class Twin:
    """An open case that may be the one reported now, with what one decides by.

    Units: metres, None where a point is missing; `alike` from 0 to 1.
    """

    id: int
    number: str
    title: str
    text: str
    category: str
    severity: Severity
    stage: Stage
    address: str
    lon: float | None
    lat: float | None
    reported_at: datetime
    metres: float | None
    alike: float
    is_same_kind: bool


def twins(
    db: Session, who: Principal, lexicon: Lexicon, text: str, found: Found | None, category: str | None, *,
    now: datetime, but: int | None = None,
) -> list[Twin]:  # fmt: skip
    """The open cases, `but` one, that `who` may see and that may be the same as a report, the likeliest first."""
    said = grams(text)
    query = select(Case.id).where(visible_to(who), col(Case.ended_at).is_(None), Case.reported_at >= now - OLDEST)
    query = query.where(Case.id != but) if but else query
    if found and found.spot:
        # a neighbour across the border of a grid is near, so the community is looked at, by the newest reports
        low, high = below(_community(found.spot.grid.path))
        query = query.where(and_(col(Case.path) >= low, col(Case.path) < high))
    newest = db.exec(query.order_by(col(Case.reported_at).desc()).limit(COMPARED)).all()  # by the index alone
    rows = db.exec(select(Case).where(col(Case.id).in_(newest)))
    candidates = (_twin(case, lexicon, said, found, category) for case in rows)
    kept = [twin for twin in candidates if _is_offered(twin, found, now)]
    return sorted(kept, key=lambda twin: (-twin.alike - twin.is_same_kind, twin.metres or 0, twin.id))[:OFFERED]


def twins_of(db: Session, who: Principal, lexicon: Lexicon, case: Case, *, now: datetime) -> list[Twin]:
    """The open cases that may be the same as one that is stored already, the likeliest first."""
    spot = Spot(node_of(db.get_one(Place, case.grid_id)))
    found = Found(str(case.place_id), case.address, "", spot, case.lon, case.lat)
    return twins(db, who, lexicon, f"{case.title} {case.text}", found, case.category, now=now, but=case.id)


def _community(path: str) -> str:
    """The path above a grid."""
    return path[: path.rstrip("/").rfind("/") + 1]


def _twin(case: Case, lexicon: Lexicon, said: Grams, found: Found | None, category: str | None) -> Twin:
    assert case.id is not None
    return Twin(
        case.id, case.number, case.title, case.text, case.category, Severity(case.severity), Stage(case.stage),
        case.address, case.lon, case.lat, case.reported_at, _metres(case, found),
        lexicon.likeness(said, grams(f"{case.title} {case.text}")), case.category == category,
    )  # fmt: skip


def _is_offered(twin: Twin, found: Found | None, now: datetime) -> bool:
    if twin.metres is not None and twin.metres > FAR_M:
        return False
    is_near = twin.metres is not None and twin.metres <= NEAR_M
    return twin.alike >= ALIKE or (twin.is_same_kind and is_near and now - twin.reported_at <= RECENT)


def _metres(case: Case, found: Found | None) -> float | None:
    """The distance over the ground, exact enough within a street."""
    if found is None or found.lon is None or found.lat is None or case.lon is None or case.lat is None:
        return None
    east = (case.lon - found.lon) * np.cos(np.radians(found.lat))
    return float(np.hypot(east, case.lat - found.lat) * DEGREE_M)
