"""One import from file to store: read, plan, and write all of it or nothing."""

import gc
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path

from sqlmodel import Session, col, select

from core import clock, store
from core.errors import BadFile, Refused
from core.imports import areas, requests, writing
from core.imports.areas import PlannedPlace
from core.imports.mapping import Mapping, load
from core.imports.plan import Plan
from core.imports.reading import Row, read
from core.imports.requests import PlannedCase
from core.imports.tables import ImportBatch
from core.language import N_
from core.rules import Rules
from core.store import Store

AnyPlan = Plan[PlannedPlace] | Plan[PlannedCase]


class Kind(StrEnum):
    """What a file brings."""

    PLACES = "places"
    BUILDINGS = "buildings"
    CASES = "cases"


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked for: a file, what its columns mean, and how strict to be.

    Units: `as_of` without a zone is meant in the mapping's.
    """

    kind: Kind
    file: Path
    mapping: Path
    as_of: datetime | None = None
    accept_partial: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    job: Job
    plan: AnyPlan
    written: bool
    earlier: ImportBatch | None  # when this very file was imported before

    @property
    def is_refused(self) -> bool:
        """Whether rows were refused and therefore nothing was written."""
        return bool(self.plan.refused) and not self.job.accept_partial


def run(into: Store, job: Job, rules: Rules) -> Outcome:
    """Import a file in one transaction, which also keeps every other writer out.

    Raises: BadFile, when the file or the mapping is wrong; Refused, when the store is not ready for it.
    """
    mapping = load(job.mapping, rules)
    part = getattr(mapping, job.kind)
    if part is None:
        raise BadFile(job.mapping, None, f"has no [{job.kind}]")
    with _collector_at_rest():
        rows = read(job.file, mapping, part)
        with into.writing() as db:
            store.number_in_commit_order(db)
            return _imported(db, job, mapping, rows, rules)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Spare an import the walks of the garbage collector through all that it builds: an eighth of its time."""
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_at_work:
            gc.enable()


def _imported(db: Session, job: Job, mapping: Mapping, rows: list[Row], rules: Rules) -> Outcome:
    stands = _last_moment(db, job, mapping)
    sha256 = hashlib.sha256(job.file.read_bytes()).hexdigest()
    same_file = select(ImportBatch).where(ImportBatch.sha256 == sha256)
    earlier = db.exec(same_file.order_by(col(ImportBatch.id).desc())).first()
    plan, write = _planned(db, job, mapping, rows, rules, stands, sha256)
    if store.is_demo(db):
        plan.warnings.append("This is a demo store: what is imported will stand among invented places and cases")
    is_whole = not plan.refused or job.accept_partial
    written = bool(plan.taken) and is_whole and not job.dry_run
    if written:
        write()
    if written and stands is not None:
        store.remember(db, store.AS_OF, stands.isoformat())
    return Outcome(job, plan, written, earlier)


def _planned(
    db: Session, job: Job, mapping: Mapping, rows: list[Row], rules: Rules, stands: datetime | None, sha256: str
) -> tuple[AnyPlan, Callable[[], object]]:
    """The plan, and what writes it."""
    at = clock.now()
    now = stands or at
    origin = writing.Origin(job.kind, job.file.name, sha256, job.mapping.name)
    if job.kind is Kind.CASES:
        writing.street_of(db, mapping)
        cases = requests.plan_cases(db, rows, mapping, now=now, stands_still=stands is not None)
        return cases, partial(writing.write_cases, db, cases, mapping, origin, rules, now=now, at=at)
    plan = areas.plan_buildings if job.kind is Kind.BUILDINGS else areas.plan_places
    places = plan(db, rows, mapping, now)
    return places, partial(writing.write_places, db, places, mapping, origin, at)


def _last_moment(db: Session, job: Job, mapping: Mapping) -> datetime | None:
    """The moment at which the world of this store stands still, as asked for or as remembered; None when it runs.

    Units: aware UTC.
    """
    stored = store.standing_at(db)
    if job.as_of is None:
        return stored
    asked = job.as_of if job.as_of.tzinfo else job.as_of.replace(tzinfo=mapping.zone)
    if stored is not None and stored != asked:
        raise Refused(N_("The world of this store stands still at {moment}"), moment=stored.isoformat())
    return asked.astimezone(UTC)
