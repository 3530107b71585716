"""Who answers here, now: the nearest who is present, then a deputy, then the unit's duty phone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import calendars
from core.cases import commands
from core.cases.rows import move_of
from core.cases.steps import event_hash
from core.clock import local
from core.liaison_words import Coverage, Rung, Why
from core.liaisons import lookup
from core.liaisons.answer import Answer, recorded_way
from core.liaisons.directory import Absence, Contact, Directory, Office, Post, Turn
from core.liaisons.tables import Liaison, LiaisonPlace
from core.places import Node
from core.words import Stage, Verb
from tests.cast import ID, NOON, POWER, RULES, STREET, TODAY, WATER, WHO, Street, move, path_of

SINCE = date(2025, 1, 1)
WORKING, ROUND_THE_CLOCK = RULES.calendars["working"], calendars.NATURAL
NIGHT = datetime(2025, 11, 19, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai
HOLIDAY = datetime(2025, 10, 1, 2, 0, tzinfo=UTC)  # National Day, 10:00
HOUR = timedelta(hours=1)
PLACES = {
    ID[name]: Node(ID[name], code, name, level, ID.get(above or ""), path_of(name), None, None)
    for name, code, level, above, _ in STREET
}
OFFICES = {
    POWER: Office(POWER, "供电所", "power", "6316 0001", ID["street"]),
    WATER: Office(WATER, "供水站", "water", "6316 0002", ID["street"]),
    9: Office(9, "北区供电点", "power", "6316 0009", ID["north"]),
}


def contact(number: int, name: str, *at: str, unit: int = POWER, **more: object) -> Contact:
    """Somebody in office hours who is named for places; verified today."""
    posts = tuple(Post(ID[place], SINCE) for place in at)
    known: dict[str, object] = {"hours": WORKING, "verified_on": TODAY, "posts": posts} | more
    return Contact(number, unit, name, SINCE, **known)  # type: ignore[arg-type]


def directory(*contacts: Contact, turns: tuple[Turn, ...] = (), **more: object) -> Directory:
    """A directory of these people."""
    by_unit = {POWER: tuple(sorted(turns, key=lambda turn: turn.from_at))}
    parts: dict[str, object] = {"offices": OFFICES, "places": PLACES} | more
    known = {one.id: one for one in contacts}
    return Directory("", RULES.sectors, ended={}, contacts=known, turns=by_unit, **parts)  # type: ignore[arg-type]


def turn(liaison: int, from_at: datetime = NIGHT - HOUR, hours: int = 9) -> Turn:
    """A stretch of the roster of the power unit."""
    return Turn(liaison, from_at, from_at + hours * HOUR)


AWAY = (Absence(TODAY, TODAY + timedelta(days=3)),)
AWAY_WITH = (Absence(TODAY, TODAY + timedelta(days=3), stand_in_id=2),)
HEAD = contact(1, "甲", "street")

# who there is, when, and who answers on which rung why; always for power at the house in n1
CASES: dict[str, tuple[Directory, datetime, tuple[Rung, str, Why]]] = {
    "the nearest of three": (
        directory(HEAD, contact(2, "乙", "north"), contact(3, "丙", "n1")),
        NOON - 2 * HOUR,
        (Rung.GRID, "丙", Why.IN_HOURS),
    ),
    "the building itself": (
        directory(HEAD, contact(2, "乙", "house")), NOON - HOUR, (Rung.BUILDING, "乙", Why.IN_HOURS),
    ),
    "of another grid": (directory(HEAD, contact(2, "乙", "n2")), NOON - HOUR, (Rung.STREET, "甲", Why.IN_HOURS)),
    "of another sector": (
        directory(HEAD, contact(2, "乙", "n1", unit=WATER)), NOON - HOUR, (Rung.STREET, "甲", Why.IN_HOURS),
    ),
    "on leave, the next above": (
        directory(HEAD, contact(2, "乙", "n1", leave=AWAY)), NOON - HOUR, (Rung.STREET, "甲", Why.IN_HOURS),
    ),
    "on leave, a stand-in at the same place": (
        directory(HEAD, contact(2, "乙"), contact(3, "丙", "n1", leave=AWAY_WITH)),
        NOON - HOUR,
        (Rung.GRID, "乙", Why.STANDS_IN),
    ),
    "the stand-in is away as well": (
        directory(HEAD, contact(2, "乙", leave=AWAY), contact(3, "丙", "n1", leave=AWAY_WITH)),
        NOON - HOUR,
        (Rung.STREET, "甲", Why.IN_HOURS),
    ),
    "back from leave": (
        directory(HEAD, contact(2, "乙", "n1", leave=(Absence(SINCE, TODAY - timedelta(days=1)),))),
        NOON - HOUR,
        (Rung.GRID, "乙", Why.IN_HOURS),
    ),
    "at noon the office is closed": (directory(HEAD), NOON + HOUR, (Rung.UNIT, "", Why.DUTY_PHONE)),
    "at night, somebody around the clock": (
        directory(replace(HEAD, hours=ROUND_THE_CLOCK), contact(2, "乙", "n1")),
        NIGHT,
        (Rung.STREET, "甲", Why.IN_HOURS),
    ),
    "at night, the one on the roster": (
        directory(HEAD, contact(2, "乙", "n2"), turns=(turn(2),)), NIGHT, (Rung.STREET, "乙", Why.ROSTERED),
    ),
    "the one on the roster is named for the grid": (
        directory(HEAD, contact(2, "乙", "n1"), turns=(turn(2),)), NIGHT, (Rung.GRID, "乙", Why.ROSTERED),
    ),
    "the roster before those in hours": (
        directory(HEAD, contact(2, "乙"), turns=(turn(2, NOON - 3 * HOUR),)),
        NOON - HOUR,
        (Rung.STREET, "乙", Why.ROSTERED),
    ),
    "the end of a turn is past it": (
        directory(HEAD, contact(2, "乙"), turns=(turn(2, NIGHT - 9 * HOUR),)), NIGHT, (Rung.UNIT, "", Why.DUTY_PHONE),
    ),
    "overlapping turns: the one verified last": (
        directory(
            contact(1, "甲", verified_on=TODAY - timedelta(days=9)), contact(2, "乙"), contact(3, "丙"),
            turns=(turn(1), turn(2), turn(3, NIGHT - 3 * HOUR, 2)),
        ),
        NIGHT,
        (Rung.STREET, "乙", Why.ROSTERED),
    ),
    "on the roster and on leave": (
        directory(contact(1, "甲", "street", leave=AWAY), turns=(turn(1),)), NIGHT, (Rung.UNIT, "", Why.DUTY_PHONE),
    ),
    "a holiday": (directory(HEAD), HOLIDAY, (Rung.UNIT, "", Why.DUTY_PHONE)),
    "a holiday, the deputy around the clock": (
        directory(replace(HEAD, deputy_id=2), contact(2, "乙", hours=ROUND_THE_CLOCK)),
        HOLIDAY,
        (Rung.DEPUTY, "乙", Why.DEPUTIZES),
    ),
    "the deputy is off duty too": (
        directory(replace(HEAD, deputy_id=2), contact(2, "乙")), HOLIDAY, (Rung.UNIT, "", Why.DUTY_PHONE),
    ),
    "somebody above before a deputy": (
        directory(replace(HEAD, hours=ROUND_THE_CLOCK), contact(2, "乙", "n1", deputy_id=3), contact(3, "丙")),
        NIGHT,
        (Rung.STREET, "甲", Why.IN_HOURS),
    ),
    "two for one place": (
        directory(contact(1, "甲", "n1", verified_on=TODAY - timedelta(days=2)), contact(2, "乙", "n1")),
        NOON - HOUR,
        (Rung.GRID, "乙", Why.IN_HOURS),
    ),
    "one who has left": (
        directory(HEAD, contact(2, "乙", "n1", to_on=TODAY - timedelta(days=1))),
        NOON - HOUR,
        (Rung.STREET, "甲", Why.IN_HOURS),
    ),
    "a post that has ended": (
        directory(HEAD, contact(2, "乙", posts=(Post(ID["n1"], SINCE, TODAY - timedelta(days=1)),))),
        NOON - HOUR,
        (Rung.STREET, "甲", Why.IN_HOURS),
    ),
    "hours that the rules no longer know": (
        directory(HEAD, contact(2, "乙", "n1", hours=None)), NOON - HOUR, (Rung.STREET, "甲", Why.IN_HOURS),
    ),
    "nobody is named": (directory(), NOON, (Rung.UNIT, "", Why.DUTY_PHONE)),
    "no unit either": (directory(offices={}), NOON, (Rung.UNIT, "", Why.NOBODY)),
}  # fmt: skip


@pytest.mark.parametrize(("here", "at", "expected"), CASES.values(), ids=CASES)
def test_who_answers(here: Directory, at: datetime, expected: tuple[Rung, str, Why]) -> None:
    answer = here.answer("power", path_of("house"), at)
    assert (answer.way[-1].rung, answer.name, answer.why) == expected


def test_the_way_tells_every_rung_and_who_was_not_there() -> None:
    here = directory(contact(1, "甲", "north", leave=AWAY), contact(2, "乙", "n1", unit=9))
    answer = here.answer("power", path_of("house"), NIGHT)
    assert [(one.rung, one.place, one.who, one.why) for one in answer.way] == [
        (Rung.BUILDING, "house", "", Why.NOBODY),
        (Rung.GRID, "n1", "乙", Why.OFF_DUTY),
        (Rung.COMMUNITY, "north", "甲", Why.ON_LEAVE),
        (Rung.STREET, "street", "", Why.NOBODY),
        (Rung.UNIT, "北区供电点", "", Why.DUTY_PHONE),
    ]
    assert (answer.phone, answer.unit_id, answer.liaison_id) == ("6316 0009", 9, None)
    assert recorded_way(answer.record) == answer.way


def test_a_tie_is_told_and_a_stale_entry_too() -> None:
    here = directory(contact(1, "甲", "n1", verified_on=None), contact(2, "乙", "n1", verified_on=None))
    answer = here.answer("power", path_of("n1"), NOON - HOUR)
    assert (answer.name, answer.also, answer.is_stale) == ("甲", ("乙",), True)


def test_within_one_unit_nobody_else_answers() -> None:
    here = directory(HEAD, contact(2, "乙", "n1", unit=9))
    assert here.answer("power", path_of("n1"), NOON - HOUR, POWER).name == "甲"
    assert here.answer("power", path_of("n1"), NOON - HOUR, WATER).phone == "6316 0002"


def test_a_turn_of_a_month_is_found_and_a_roster_of_years_is_not_gone_through() -> None:
    years = tuple(turn(1, NIGHT - timedelta(days=day), 9) for day in range(3, 900))
    here = directory(HEAD, contact(2, "乙"), turns=(*years, turn(2, NIGHT - timedelta(days=29), 30 * 24)))
    assert here.answer("power", path_of("n1"), NIGHT).name == "乙"


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ((), Coverage.DUTY_ROOM),
        ((contact(1, "甲", "n1"),), Coverage.COVERED),
        ((contact(1, "甲", "north"),), Coverage.FROM_ABOVE),
        ((contact(1, "甲", "n1", verified_on=TODAY - timedelta(days=91)),), Coverage.STALE),
        ((contact(1, "甲", "n1", verified_on=TODAY - timedelta(days=90)),), Coverage.COVERED),
        ((contact(1, "甲", "n1", verified_on=None), contact(2, "乙", "street")), Coverage.FROM_ABOVE),
        ((contact(1, "甲", "n2"), contact(2, "乙", "n1", to_on=SINCE)), Coverage.DUTY_ROOM),
        ((contact(1, "甲", "house"),), Coverage.DUTY_ROOM),
    ],
)
def test_a_place_is_covered_covered_from_above_stale_or_left_to_the_duty_room(
    people: tuple[Contact, ...], expected: Coverage
) -> None:
    assert directory(*people).cover("power", path_of("n1"), TODAY).how == expected


def test_where_nobody_is_named_and_no_unit_has_a_phone_there_is_a_gap() -> None:
    silent = {POWER: replace(OFFICES[POWER], duty_phone="")}
    assert directory(offices=silent).cover("power", path_of("n1"), TODAY).how is Coverage.GAP
    assert directory().cover("gas", path_of("n1"), TODAY).how is Coverage.GAP
    assert directory(offices={9: OFFICES[9]}).cover("power", path_of("s1"), TODAY).how is Coverage.GAP


def test_whoever_left_is_followed_to_the_successor() -> None:
    here = directory(contact(1, "甲", successor_id=2), contact(2, "乙", successor_id=3), contact(3, "丙"))
    assert [here.heir(number).name for number in (1, 2, 3)] == ["丙"] * 3  # type: ignore[union-attr]
    circle = directory(contact(1, "甲", successor_id=2), contact(2, "乙", successor_id=1))
    assert circle.heir(1) is not None


# The answer is always the nearest valid one: reckoned anew, place by place, from the plain words of the rule.

NEAR = ("house", "n1", "north", "street")
people = st.lists(
    st.tuples(
        st.sampled_from(["house", "n1", "n2", "north", "south", "street", ""]),
        st.booleans(),  # around the clock
        st.sampled_from([None, (), (1,), (2,)]),  # leave, and who stands in
        st.sampled_from([None, 1, 2, 3]),  # the deputy
        st.booleans(),  # on the roster
        st.integers(0, 120),  # days since it was verified
    ),
    max_size=5,
)


@given(people, st.sampled_from([NOON - HOUR, NIGHT, HOLIDAY]))
def test_the_answer_is_always_the_nearest_valid_one(
    drawn: list[tuple[str, bool, tuple[int, ...] | None, int | None, bool, int]], at: datetime
) -> None:
    on = local(at).date()
    contacts, turns = [], []
    for number, (place, clock, leave, deputy, rostered, days) in enumerate(drawn, 1):
        hours = ROUND_THE_CLOCK if clock else WORKING
        absences = () if leave is None else (Absence(on, on, *leave),)
        verified = on - timedelta(days=days)
        at_places = (place,) if place else ()
        contacts.append(
            contact(
                number, str(number), *at_places, hours=hours, leave=absences, deputy_id=deputy, verified_on=verified
            )
        )
        turns += [turn(number, at - HOUR)] if rostered else []
    on_roster = {one.liaison_id for one in turns}
    answer = directory(*contacts, turns=tuple(turns)).answer("power", path_of("house"), at)
    valid = nearest(contacts, on_roster, at)
    if valid:
        assert answer.liaison_id in valid
        assert {answer.name, *answer.also} == {str(one) for one in valid}
    elif here := deputies(contacts, on_roster, at):
        assert answer.liaison_id in here
        assert answer.why is Why.DEPUTIZES
    else:
        assert (answer.liaison_id, answer.phone) == (
            None,
            "6316 0001" if on_the_way(contacts, on_roster) else "6316 0009",
        )


def present(one: Contact, rostered: set[int], at: datetime) -> bool:
    """Whether somebody is there in person."""
    works = at == NOON - HOUR or one.hours is ROUND_THE_CLOCK or one.id in rostered
    return works and not one.leave


def nearest(contacts: list[Contact], rostered: set[int], at: datetime) -> set[int]:
    """Everybody at the nearest place at which somebody answers."""
    by_id = {one.id: one for one in contacts}
    for place in NEAR:
        here = [c for c in contacts if [p.place_id for p in c.posts] == [ID[place]]]
        here += [c for c in contacts if place == "street" and c.id in rostered]
        found = {c.id for c in here if present(c, rostered, at)}
        stand_ins = (by_id.get(c.leave[0].stand_in_id or 0) for c in here if c.leave)
        if found := found | {c.id for c in stand_ins if c and present(c, rostered, at)}:
            return found
    return set()


def deputies(contacts: list[Contact], rostered: set[int], at: datetime) -> set[int]:
    """The deputies of those who are named on the way up, if they are there."""
    by_id = {one.id: one for one in contacts}
    found = (by_id.get(c.deputy_id or 0) for c in on_the_way(contacts, rostered))
    return {c.id for c in found if c and present(c, rostered, at)}


def on_the_way(contacts: list[Contact], rostered: set[int]) -> list[Contact]:
    """Those who are named for a place on the way up, or are on the roster of the whole street."""
    named = [c for c in contacts for p in c.posts if p.place_id in {ID[place] for place in NEAR}]
    return named + [c for c in contacts if c.id in rostered]


# In the store.


def enter(street: Street, name: str = "甲", at: str = "n1", unit: int = POWER) -> int:
    """Somebody around the clock in the directory of a store."""
    with street.store.writing() as db:
        row = Liaison(unit_id=unit, name=name, calendar="natural", from_on=SINCE, verified_on=TODAY)
        db.add(row)
        db.flush()
        assert row.id is not None
        db.add(LiaisonPlace(liaison_id=row.id, place_id=ID[at], from_on=SINCE))
        lookup.renew(db)
    return row.id


def asked(street: Street, at: str = "n1") -> Answer:
    """Who answers for power in the store."""
    with street.store.reading() as db:
        return lookup.answering(db, "power", path_of(at), NOON, RULES)


def test_the_directory_is_read_once_and_anew_when_it_changed(street: Street) -> None:
    assert asked(street).phone == "6316 0001"
    enter(street)
    assert asked(street).name == "甲"
    with street.store.reading() as db:
        assert lookup.directory(db, RULES) is lookup.directory(db, RULES)


def test_a_dispatch_records_who_was_rung_and_why_that_one(street: Street) -> None:
    liaison = enter(street)
    case = street.brought_to(Verb.DISPATCH)
    event = street.events(case)[-1]
    assert event.given is not None
    called = event.given["called"]
    assert (called["liaison"], called["name"], called["unit"], called["sector"]) == (liaison, "甲", POWER, "power")
    assert recorded_way(called)[-1].why is Why.IN_HOURS
    assert "6316" not in str(event.given)


def test_the_record_of_a_dispatch_is_hashed_with_it(street: Street) -> None:
    enter(street)
    case = street.brought_to(Verb.DISPATCH)
    *_, before, event = street.events(case)
    again = event_hash(before.hash, case, event.ordinal, Stage.ACCEPTED, Stage.DISPATCHED, move_of(event))
    assert again == event.hash
    forged = replace(move_of(event), called={**(event.given or {})["called"], "name": "乙"})
    assert event_hash(before.hash, case, event.ordinal, Stage.ACCEPTED, Stage.DISPATCHED, forged) != event.hash


def test_a_dispatch_into_a_unit_that_names_nobody_records_its_duty_phone(street: Street) -> None:
    enter(street)
    case = street.brought_to(Verb.ACCEPT)
    with street.store.writing() as db:
        event = commands.take(db, WHO["officer"], case, move(Verb.DISPATCH, unit_id=WATER, at=NOON + HOUR), RULES)
    assert event.given is not None
    assert recorded_way(event.given["called"])[-1].why is Why.DUTY_PHONE


def test_a_sector_retires_on_a_day_and_keeps_its_row() -> None:
    heating = RULES.sectors["heating"].model_copy(update={"to_on": TODAY})
    assert heating.holds_on(TODAY)
    assert not heating.holds_on(TODAY + timedelta(days=1))
