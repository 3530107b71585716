"""The fixed cast and the small street every test of the core stands on, and the raw truth to hold figures against."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import shapely
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry
from sqlmodel import Session, col, select

from core import places, rules
from core.cases import commands
from core.cases.bulk import Draft
from core.cases.commands import Facts
from core.cases.step_table import MAIN
from core.cases.steps import STEPS, CaseState, Move, decide
from core.cases.tables import Case, CaseClock, CaseEvent
from core.clock import hour_start, local
from core.figures import DayFigure, DayKey, HourFigure, HourKey
from core.people import Appointment, Grant, Principal, User
from core.places import Place, Spot
from core.store import Store
from core.units import Unit
from core.words import Level, Permission, Role, Severity, Source, Stage, Verb

RULES = rules.current()
NOON = datetime(2025, 11, 19, 4, 0, tzinfo=UTC)  # a Wednesday, 12:00 in Shanghai
TODAY = date(2025, 11, 19)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

# one category of each kind of promise
WULIPU_1, WULIPU_3, WULIPU_7 = "E0102", "P0104", "E0101"  # 24, 72, 168 hours from the report
ZHANQIAN = "E0402"  # 3, 24, 36, 48 hours from the dispatch

BOX = shapely.box
# name, code, level, the name of what it lies in, shape; ids are given in this order from 1, so the other street is 10
STREET: tuple[tuple[str, str, Level, str | None, BaseGeometry | None], ...] = (
    ("street", "990101001", Level.STREET, None, BOX(0, 0, 4, 1)),
    ("north", "990101001001", Level.COMMUNITY, "street", BOX(0, 0, 2, 1)),
    ("south", "990101001002", Level.COMMUNITY, "street", BOX(2, 0, 4, 1)),
    ("n1", "990101001001001", Level.GRID, "north", BOX(0, 0, 1, 1)),
    ("n2", "990101001001002", Level.GRID, "north", BOX(1, 0, 2, 1)),
    ("s1", "990101001002001", Level.GRID, "south", BOX(2, 0, 3, 1) - BOX(2.4, 0.4, 2.6, 0.6)),  # with a hole
    ("s2", "990101001002002", Level.GRID, "south", BOX(2.9, 0, 4, 1)),  # overlaps s1 by a strip
    ("house", "990101001001001001", Level.BUILDING, "n1", BOX(0.4, 0.4, 0.6, 0.6)),
    ("shop", "990101001001002001", Level.BUILDING, "n2", BOX(1.0, 0.4, 1.2, 0.6)),  # stands on the border to n1
    ("other street", "990101002", Level.STREET, None, None),
    ("far", "990101002001", Level.COMMUNITY, "other street", None),
    ("f1", "990101002001001", Level.GRID, "far", BOX(8, 0, 9, 1)),
)
ID = {name: number for number, (name, *_) in enumerate(STREET, 1)}
GRIDS = ("n1", "n2", "s1", "s2")  # of our street
POINT = {"n1": (0.1, 0.1), "n2": (1.5, 0.5), "s1": (2.2, 0.2), "s2": (3.5, 0.5), "house": (0.5, 0.5), "f1": (8.5, 0.5)}

UNITS = (("供电所", "power", "6316 0001"), ("供水站", "water", "6316 0002"), ("环卫所", "sanitation", "6316 0003"))
POWER, WATER, CLEANING = 1, 2, 3

# name in the tests, role, place, unit
CAST: tuple[tuple[str, Role | None, str, int | None], ...] = (
    ("officer", Role.DUTY_OFFICER, "street", None),
    ("head of n1", Role.GRID_HEAD, "n1", None),
    ("head of s1", Role.GRID_HEAD, "s1", None),
    ("liaison of power", Role.LIAISON, "street", POWER),
    ("liaison of water", Role.LIAISON, "street", WATER),
    ("leader", Role.LEADER, "street", None),
    ("secretary of north", Role.SECRETARY, "north", None),
    ("administrator", Role.ADMINISTRATOR, "street", None),
    ("wall", Role.WALL, "street", None),
    ("officer of the other street", Role.DUTY_OFFICER, "other street", None),
    ("stranger", None, "street", None),
)


def path_of(name: str) -> str:
    """The path of a place of the street, from the table alone."""
    parent = next(row[3] for row in STREET if row[0] == name)
    return f"{path_of(parent) if parent else '/'}{ID[name]}/"


WHO: dict[str, Principal] = {
    name: Principal(number, name, (Grant(role, path_of(place), unit),) if role else ())
    for number, (name, role, place, unit) in enumerate(CAST, 1)
}


def fill(db: Session) -> None:
    """Write the places, units and people of the tables above into an empty store."""
    for name, code, level, parent, shape in STREET:
        wkb = shapely.to_wkb(shape) if shape is not None else None
        lon, lat = POINT.get(name, (None, None))
        above = ID[parent] if parent else None
        place = Place(code=code, name=name, level=level, parent_id=above, path=path_of(name), geometry=wkb)
        place.lon, place.lat = lon, lat
        db.add(place)
        db.flush()
        assert place.id == ID[name]
    for name, sector, phone in UNITS:
        db.add(Unit(name=name, sector=sector, duty_phone=phone, place_id=ID["street"]))
        db.flush()
    for name, role, at, unit in CAST:
        db.add(user := User(name=name))
        db.flush()
        assert user.id is not None
        if role:
            since = date(2020, 1, 1)
            db.add(Appointment(user_id=user.id, role=role, place_id=ID[at], unit_id=unit, from_on=since))


def spot_of(name: str) -> Spot:
    """The spot of a grid, or of a building."""
    _, code, level, parent, _ = next(row for row in STREET if row[0] == name)
    if level is Level.BUILDING:
        assert parent is not None
        return replace(spot_of(parent), building_id=ID[name], building_path=path_of(name))
    assert parent is not None
    return Spot(places.Node(ID[name], code, name, level, ID[parent], path_of(name), *POINT[name]))


# The moves of the loop from the report to the end, each as long after the report as the number of minutes says.
LOOP: tuple[tuple[Verb, str, int], ...] = (
    (Verb.REPORT, "officer", 0),
    (Verb.ACCEPT, "officer", 5),
    (Verb.DISPATCH, "officer", 10),
    (Verb.TAKE_ON, "liaison of power", 15),
    (Verb.ARRIVE, "liaison of power", 30),
    (Verb.RESOLVE, "liaison of power", 60),
    (Verb.ANSWER, "liaison of power", 90),
    (Verb.CHECK, "head of n1", 120),
    (Verb.CLOSE, "officer", 150),
)
ASKS = {Verb.DISPATCH: {"unit_id": POWER}} | {
    verb: {"note": "已处理"} for verb in (Verb.RESOLVE, Verb.ANSWER, Verb.SELF_HANDLE, Verb.VOID)
}


def move(verb: Verb, by: str = "officer", at: datetime = NOON, **more: object) -> Move:
    """A move with everything that its verb asks for, typed when it happened; `more` overrules."""
    asked: dict[str, object] = {"occurred_at": at, "recorded_at": at, **ASKS.get(verb, {}), **more}
    return Move(verb, WHO[by], **asked)  # type: ignore[arg-type]


def loop(since: datetime = NOON, *, until: Verb = Verb.CLOSE) -> list[Move]:
    """The moves of the loop from a report at `since`, up to and with `until`."""
    verbs = [verb for verb, _, _ in LOOP]
    return [move(verb, by, since + minutes * MINUTE) for verb, by, minutes in LOOP[: verbs.index(until) + 1]]


def facts(category: str = WULIPU_1, at: str = "n1", **more: object) -> Facts:
    """What is known of a case at a place of the street, with a point there; `more` overrules."""
    known: dict[str, object] = {"source": Source.PHONE, "spot": spot_of(at), "lon": POINT[at][0], "lat": POINT[at][1]}
    return Facts(category, **(known | more))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Street:
    """The small street in a real store."""

    store: Store

    def report(self, category: str = WULIPU_1, at: str = "n1", *, when: datetime = NOON, **more: object) -> int:
        """A case reported by the officer of the street."""
        by = "officer" if at != "f1" else "officer of the other street"
        with self.store.writing() as db:
            found = facts(category, at, **more)
            case = commands.report(db, WHO[by], found, RULES, at=when, now=when)
        assert case.id is not None
        return case.id

    def take(self, case_id: int, *moves: Move) -> None:
        """Steps on a case, each in a transaction of its own."""
        for one in moves:
            with self.store.writing() as db:
                commands.take(db, one.by, case_id, one, RULES)

    def brought_to(self, until: Verb, category: str = WULIPU_1, *, when: datetime = NOON) -> int:
        """A case of n1 that has come as far as `until`."""
        case_id = self.report(category, when=when)
        self.take(case_id, *loop(when, until=until)[1:])
        return case_id

    def case(self, case_id: int) -> Case:
        """The case as it is stored."""
        with self.store.reading() as db:
            case = db.get(Case, case_id)
        assert case is not None
        return case

    def events(self, case_id: int) -> list[CaseEvent]:
        """The events of a case, the first first."""
        with self.store.reading() as db:
            return list(db.exec(select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(col(CaseEvent.ordinal))))

    def clocks(self, case_id: int) -> dict[str, CaseClock]:
        """The clocks of a case by name."""
        with self.store.reading() as db:
            return {row.name: row for row in commands.clocks_of(db, case_id)}


def state(stage: Stage | None, at: str = "n1", unit_id: int | None = POWER, category: str = WULIPU_1) -> CaseState:
    """A case at a stage, a minute old when it has begun."""
    known = RULES.categories[category]
    begun = {"version": 1, "moved_at": NOON - MINUTE} if stage else {}
    return CaseState(path_of(at), known.regime, known.grade, stage, unit_id if stage else None, **begun)  # type: ignore[arg-type]


FINISHES = {Verb.SELF_HANDLE: "secretary of north", Verb.VOID: "officer"}


def stories(before: datetime, *, at_least: int = 1, at_most: int = 12) -> st.SearchStrategy[list[Draft]]:
    """Any cases in the grids of our street, told as far as they had come by `before`, the first up to 20 days ago."""
    return st.lists(_story(before), min_size=at_least, max_size=at_most)


@st.composite
def _story(draw: st.DrawFn, before: datetime) -> Draft:
    at = draw(st.sampled_from([*GRIDS, "house"]))
    told = facts(
        draw(st.sampled_from([WULIPU_1, WULIPU_3, WULIPU_7, ZHANQIAN])),
        at,
        severity=draw(st.sampled_from(list(Severity))),
        **draw(st.sampled_from([{}, {"lon": None, "lat": None}])),
    )
    moment = before - draw(st.integers(0, 20 * 24 * 60)) * MINUTE
    moves: list[Move] = []
    case = commands.unreported(told, RULES)
    for _ in range(draw(st.integers(1, len(LOOP)))):
        legal = [verb for verb in (*MAIN, Verb.VOID) if case.stage in STEPS[verb].before]
        legal = [verb for verb in legal if verb is not Verb.SELF_HANDLE or at not in ("s1", "s2")]
        if not legal or moment > before:
            break
        verb = draw(st.sampled_from(legal[:1] * 5 + legal))
        named = case.unit_id if STEPS[verb].who is Permission.WORK_FOR_UNIT else None
        unit = {"unit_id": draw(st.sampled_from([POWER, WATER, CLEANING]))} if verb is Verb.DISPATCH else {}
        moves.append(move(verb, FINISHES.get(verb, "officer"), moment, on_behalf_of=named, **unit))
        case = decide(case, moves[-1], RULES)
        moment += draw(st.sampled_from([0, 1, 30, 180, 1440, 2880])) * MINUTE
    return Draft(told, moves)


def together(*jobs: Callable[[], object]) -> list[object]:
    """Run every job in a thread of its own, all beginning at once; their results, or the exceptions they ended with."""
    start = Barrier(len(jobs))

    def run(job: Callable[[], object]) -> object:
        start.wait()
        try:
            return job()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def recount(db: Session) -> Counter[HourKey | DayKey]:
    """The figures counted anew from events and clocks, as if no rollup existed."""
    found: Counter[HourKey | DayKey] = Counter()
    flows = {Stage.REPORTED: "reported", Stage.CLOSED: "closed", Stage.VOIDED: "voided"}
    case_of = {case.id: case for case in db.exec(select(Case))}
    for event in db.exec(select(CaseEvent)):
        case = case_of[event.case_id]
        if name := flows.get(Stage(event.to_stage)):
            found[HourKey(hour_start(event.occurred_at), case.grid_id, name)] += 1
        if event.verb == Verb.REPORT:
            found[DayKey(local(event.occurred_at).date(), case.grid_id, case.category, "reported")] += 1
    for row in db.exec(select(CaseClock).where(CaseClock.is_final, col(CaseClock.cancelled_at).is_(None))):
        case = case_of[row.case_id]
        names = ("promised", "kept") if row.met_at and row.met_at <= row.due_at else ("promised",)
        found.update(DayKey(local(row.due_at).date(), case.grid_id, case.category, name) for name in names)
    return found


def rollups(db: Session) -> Counter[HourKey | DayKey]:
    """The figures as the store keeps them, without the zeros."""
    found: Counter[HourKey | DayKey] = Counter()
    for hour in db.exec(select(HourFigure)):
        for name in ("reported", "closed", "voided", "reopened"):
            found[HourKey(hour.hour, hour.grid_id, name)] = getattr(hour, name)
    for day in db.exec(select(DayFigure)):
        for name in ("reported", "promised", "kept", "replied", "satisfied"):
            found[DayKey(day.day, day.grid_id, day.category, name)] = getattr(day, name)
    return Counter({key: number for key, number in found.items() if number})
