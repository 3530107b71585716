"""Whistles: who may call whom, how long each unit has, who answers for it, and when a call has ended."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core import rules, whistles
from core.errors import BadFile, Refused
from core.liaisons import lookup
from core.words import Action, ClockState, Verb, WhistleKind
from tests.accounts import asker, audited
from tests.cast import CAST, CLEANING, DAY, HOUR, ID, MINUTE, NOON, POWER, RULES, WATER, WHO, Street, move
from tests.test_rules import edit
from tests.test_rules import folder as folder

DAILY, TOUGH, URGENT = WhistleKind


def blow(
    street: Street, by: str = "head of n1", units: Sequence[int] = (POWER, WATER), kind: WhistleKind = DAILY,
    at: str = "n1", case_id: int | None = None, asked: str = "楼道漏电，请到场", now: datetime = NOON,
) -> int:  # fmt: skip
    """A whistle blown by one of the cast; its id."""
    with street.store.writing() as db:
        where = {"case_id": case_id} if case_id else {"grid_id": ID[at]}
        whistle = whistles.blow(db, asker(by), kind, units, asked, RULES, now=now, **where)
    assert whistle.id is not None
    return whistle.id


def answer(
    street: Street, whistle: int, by: str, unit: int, at: datetime = NOON + HOUR, note: str = "已派人到场"
) -> None:
    with street.store.writing() as db:
        whistles.answer(db, asker(by), whistle, unit, note, at=at, now=NOON + 10 * DAY)


def open_to(street: Street, name: str) -> list[int | None]:
    with street.store.reading() as db:
        return [call.whistle.id for call in whistles.open_whistles(db, WHO[name])]


# kind, when blown, when each unit must have answered
DUE = (
    (DAILY, NOON, NOON + DAY),
    (URGENT, NOON, NOON + 30 * MINUTE),
    # three working days are 22.5 hours: 4 on Wednesday afternoon, 7.5 on Thursday and on Friday, 3.5 on Monday morning
    (TOUGH, NOON, datetime(2025, 11, 24, 4, 0, tzinfo=UTC)),
    (TOUGH, NOON + 3 * HOUR, datetime(2025, 11, 24, 7, 0, tzinfo=UTC)),
)


@pytest.mark.parametrize(("kind", "at", "due"), DUE)
def test_each_called_unit_has_the_time_of_the_kind(
    street: Street, kind: WhistleKind, at: datetime, due: datetime
) -> None:
    blow(street, kind=kind, now=at)
    with street.store.reading() as db:
        (call,) = whistles.open_whistles(db, WHO["officer"])
    assert [(row.unit_id, row.due_at) for row in call.answers] == [(POWER, due), (WATER, due)]


@pytest.mark.parametrize("name", [name for name, *_ in CAST])
def test_a_grid_head_its_secretary_and_the_officer_may_blow_and_nobody_else(street: Street, name: str) -> None:
    may = name in ("officer", "head of n1", "secretary of north")
    if may:
        assert blow(street, name)
    else:
        with pytest.raises(Refused):
            blow(street, name)
    assert len(open_to(street, "officer")) == may


@pytest.mark.parametrize("name", [name for name, *_ in CAST])
def test_a_whistle_is_answered_by_the_liaison_of_the_unit_or_the_officer_for_it(street: Street, name: str) -> None:
    whistle = blow(street)
    if name in ("officer", "liaison of power"):
        answer(street, whistle, name, POWER)
        return
    with pytest.raises(Refused):
        answer(street, whistle, name, POWER)


def test_a_call_is_seen_by_its_place_and_the_called_units_only(street: Street) -> None:
    whistle = blow(street, units=[POWER])
    seen = {name for name, *_ in CAST if open_to(street, name) == [whistle]}
    assert seen == {"officer", "head of n1", "leader", "secretary of north", "liaison of power"}


def test_a_call_keeps_who_of_each_unit_the_directory_named_and_on_which_way(street: Street) -> None:
    blow(street)
    with street.store.reading() as db:
        (call,) = whistles.open_whistles(db, WHO["officer"])
        found = {row.unit_id: row.called for row in call.answers}
        named = {
            unit: lookup.directory(db, RULES).answer(sector, call.whistle.path, NOON, unit).record
            for unit, sector in ((POWER, "power"), (WATER, "water"))
        }
    assert found == named
    assert all(record["way"] for record in named.values())


def test_a_call_ends_with_the_last_answer_and_each_unit_has_its_own_clock(street: Street) -> None:
    whistle = blow(street)
    answer(street, whistle, "liaison of power", POWER, NOON + HOUR)
    later = NOON + 25 * HOUR
    with street.store.reading() as db:
        (call,) = calls = whistles.open_whistles(db, WHO["officer"])
    states = {row.unit_id: row.state(later, RULES) for row in call.answers}
    assert states == {POWER: ClockState.MET, WATER: ClockState.OVERDUE}
    assert [row.unit_id for _, row in whistles.late_answers(calls, later)] == [WATER]
    assert whistles.late_answers(calls, NOON + DAY) == []
    answer(street, whistle, "officer", WATER, NOON + 26 * HOUR)
    assert open_to(street, "officer") == []
    with street.store.reading() as db:
        (call,) = whistles.whistles_between(db, WHO["officer"], NOON, NOON + MINUTE)
    assert call.whistle.ended_at == NOON + 26 * HOUR
    assert [row.state(NOON + 27 * HOUR, RULES) for row in call.answers] == [ClockState.MET, ClockState.MISSED]
    rows = [(row.action, row.by_name) for row in audited(street)]
    assert rows == [
        (Action.BLOW_WHISTLE, "head of n1"),
        (Action.ANSWER_WHISTLE, "liaison of power"),
        (Action.ANSWER_WHISTLE, "officer"),
    ]


def test_the_call_that_is_due_first_comes_first(street: Street) -> None:
    daily = blow(street)
    urgent = blow(street, kind=URGENT, now=NOON + HOUR)
    assert open_to(street, "officer") == [urgent, daily]


def test_a_whistle_about_a_case_has_its_place_and_is_found_by_it(street: Street) -> None:
    case, other = street.report(at="house"), street.report()
    whistle = blow(street, case_id=case)
    with street.store.reading() as db:
        (call,) = whistles.open_whistles(db, WHO["officer"], case)
        assert whistles.open_whistles(db, WHO["officer"], other) == []
    assert (call.whistle.id, call.whistle.grid_id) == (whistle, ID["n1"])
    street.take(other, move(Verb.VOID, at=NOON + HOUR))
    with pytest.raises(Refused):
        blow(street, case_id=other)
    with pytest.raises(Refused):
        blow(street, "head of s1", case_id=case)


@pytest.mark.parametrize(
    "wrong", [{"units": []}, {"units": [POWER, 99]}, {"asked": "  "}, {"asked": "长" * 401}, {"at": "north"}], ids=str
)
def test_an_incomplete_call_is_refused(street: Street, wrong: dict[str, object]) -> None:
    with pytest.raises(Refused):
        blow(street, "officer", **wrong)  # type: ignore[arg-type]
    assert open_to(street, "officer") == []


@pytest.mark.parametrize(
    ("unit", "at", "note"),
    [(CLEANING, NOON + HOUR, "到"), (WATER, NOON - MINUTE, "到"), (WATER, NOON + 11 * DAY, "到"), (WATER, NOON, " ")],
)
def test_an_answer_that_cannot_be_is_refused(street: Street, unit: int, at: datetime, note: str) -> None:
    whistle = blow(street)
    with pytest.raises(Refused):
        answer(street, whistle, "officer", unit, at, note)


def test_a_unit_answers_once(street: Street) -> None:
    whistle = blow(street)
    answer(street, whistle, "officer", POWER)
    with pytest.raises(Refused, match="already"):
        answer(street, whistle, "liaison of power", POWER)


def test_a_withdrawn_call_is_answered_no_more_and_keeps_what_was_answered(street: Street) -> None:
    whistle = blow(street)
    answer(street, whistle, "officer", POWER)
    for by, why in (("liaison of power", "误吹"), ("head of n1", " ")):
        with pytest.raises(Refused), street.store.writing() as db:
            whistles.withdraw(db, asker(by), whistle, why, now=NOON + HOUR)
    with street.store.writing() as db:
        whistles.withdraw(db, asker("head of n1"), whistle, "误吹", now=NOON + HOUR)
    assert open_to(street, "officer") == []
    with pytest.raises(Refused, match="ended"):
        answer(street, whistle, "officer", WATER)
    with street.store.reading() as db:
        (call,) = whistles.whistles_between(db, WHO["officer"], NOON, NOON + MINUTE)
    assert call.whistle.withdrawn == "误吹"
    assert [row.answered_at for row in call.answers] == [NOON + HOUR, None]


@pytest.mark.parametrize(
    ("old", "new"),
    [('kind = "urgent"', 'kind = "daily"'), ('calendar = "working"', 'calendar = "work"'), ("hours = 24", "hours = 0")],
)
def test_a_mistake_in_the_times_is_named_at_the_start(folder: Path, old: str, new: str) -> None:
    edit(folder / "whistles.toml", old, new)
    with pytest.raises(BadFile) as error:
        rules.load(folder)
    assert error.value.path.name == "whistles.toml"
    assert error.value.line is not None


def test_the_times_of_a_called_unit_are_hours_once_loaded() -> None:
    hours = {kind: time.hours for kind, time in RULES.whistles.items()}
    assert hours == {DAILY: 24, TOUGH: 22.5, URGENT: 0.5}
    assert timedelta(hours=22.5) == 3 * RULES.calendars["working"].day
