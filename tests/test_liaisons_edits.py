"""Edits of the directory in the store: who may, what they leave behind, and what becomes of open dispatches."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from core import people
from core.accounts.audit import Asker
from core.errors import NotFound, Refused
from core.liaison_words import Coverage, Why
from core.liaisons import cards, commands, dispatches, leavers, lookup, offices, search, sectors, times
from core.liaisons.commands import Entry
from core.liaisons.offices import OfficeEntry
from core.liaisons.tables import Liaison, LiaisonLeave, LiaisonPlace
from core.people import Appointment, Grant, Principal
from core.words import Role, Verb
from tests.accounts import asker, audited
from tests.cast import DAY, ID, MINUTE, NOON, POWER, RULES, TODAY, WATER, WHO, Street, loop, move, path_of

OFFICER = asker("officer")
EVERYWHERE = Asker(
    Principal(WHO["administrator"].user_id, "administrator", (Grant(Role.ADMINISTRATOR, "/"),)), "", NOON
)
MORNING = NOON - timedelta(hours=1)
TOMORROW = TODAY + timedelta(days=1)


def do(street: Street, command: Callable[..., Any], *args: object, by: Asker = OFFICER) -> Any:
    """One command in a transaction of its own."""
    with street.store.writing() as db:
        return command(db, by, *args)


def add(street: Street, name: str, *at: str, unit: int = POWER, **more: Any) -> int:
    """Somebody new in the directory."""
    entry = Entry(name, **{"calendar": "natural", **more})
    added: int = do(street, commands.add, unit, entry, [ID[place] for place in at], RULES)
    return added


def answer(street: Street, at: str = "n1", when: datetime = MORNING) -> tuple[str, Why]:
    """Who answers for power, and why."""
    with street.store.reading() as db:
        found = lookup.answering(db, "power", path_of(at), when, RULES)
    return found.name, found.why


def card_of(street: Street, liaison: int, when: datetime, *asked: str) -> cards.Card:
    """The card of a liaison who was found for some places."""
    with street.store.reading() as db:
        known = lookup.directory(db, RULES)
    return cards.card(known, WHO["officer"], liaison, when, [known.places[ID[place]] for place in asked])


def row(street: Street, liaison: int) -> Liaison:
    """An entry as stored."""
    with street.store.reading() as db:
        return db.get_one(Liaison, liaison)


def test_an_added_liaison_answers_at_once_as_verified_today(street: Street) -> None:
    liaison = add(street, "甲", "n1", mobile="10000000001")
    assert answer(street) == ("甲", Why.IN_HOURS)
    assert row(street, liaison).verified_on == TODAY
    assert [event.action for event in audited(street)] == ["edit_directory"]
    assert "10000000001" not in audited(street)[0].detail


def test_a_gap_is_filled_and_a_place_given_back(street: Street) -> None:
    liaison = add(street, "甲", "n1")
    do(street, commands.name_for, liaison, ID["s1"])
    assert answer(street, "s1") == ("甲", Why.IN_HOURS)
    with pytest.raises(Refused, match="already"):
        do(street, commands.name_for, liaison, ID["s1"])
    do(street, commands.release, liaison, ID["s1"])
    assert answer(street, "s1")[1] is Why.DUTY_PHONE
    with street.store.reading() as db:
        assert len(db.exec(select(LiaisonPlace)).all()) == 2  # the past stays
        assert lookup.directory(db, RULES).cover("power", path_of("s1"), TODAY).how is Coverage.DUTY_ROOM


def test_verified_today_takes_the_stale_mark_away(street: Street) -> None:
    liaison = add(street, "甲", "n1")
    later = Asker(WHO["officer"], "", NOON + timedelta(days=91))
    with street.store.reading() as db:
        assert lookup.directory(db, RULES).contacts[liaison].is_stale(TODAY + timedelta(days=91))
    do(street, commands.verify, liaison, by=later)
    with street.store.reading() as db:
        assert not lookup.directory(db, RULES).contacts[liaison].is_stale(TODAY + timedelta(days=91))


def test_leave_and_the_roster_are_followed(street: Street) -> None:
    first, second = add(street, "甲", "n1"), add(street, "乙", calendar="working")
    do(street, commands.grant_leave, first, TODAY, TOMORROW, second)
    assert answer(street) == ("乙", Why.STANDS_IN)
    night = NOON + timedelta(hours=11)
    assert answer(street, when=night)[1] is Why.DUTY_PHONE
    do(street, commands.put_on_roster, second, night, night + timedelta(hours=8))
    assert answer(street, when=night) == ("乙", Why.STANDS_IN)
    assert answer(street, "s1", when=night) == ("乙", Why.ROSTERED)
    shown = card_of(street, second, night, "s1")
    assert (shown.presence, shown.turn_ends_at) == (Why.ROSTERED, night + timedelta(hours=8))
    assert (shown.places, [one.name for one in shown.beyond]) == ((), ["s1"])
    do(street, commands.take_off_roster, 1)
    assert answer(street, when=night)[1] is Why.DUTY_PHONE
    with pytest.raises(NotFound):
        do(street, commands.take_off_roster, 1)


def test_a_card_begins_with_the_place_that_was_asked_for_and_tells_usual_hours_from_a_turn(street: Street) -> None:
    liaison, night = add(street, "甲", "n1", "south", calendar="working"), NOON + timedelta(hours=11)
    usual = card_of(street, liaison, MORNING, "s1")
    assert (usual.presence, usual.turn_ends_at, usual.beyond) == (Why.IN_HOURS, None, ())
    assert [one.id for one in usual.places] == [ID["south"], ID["n1"]]
    assert [one.id for one in card_of(street, liaison, MORNING, "house").places] == [ID["n1"], ID["south"]]
    asked = card_of(street, liaison, MORNING, "north")
    assert ([one.id for one in asked.beyond], asked.places[0].id) == ([ID["north"]], ID["n1"])
    off = card_of(street, liaison, night)
    assert (off.presence, off.is_present, off.turn_ends_at) == (Why.OFF_DUTY, False, None)
    do(street, commands.put_on_roster, liaison, night, night + timedelta(hours=8))
    do(street, commands.grant_leave, liaison, TODAY, TOMORROW)
    away = card_of(street, liaison, night)
    assert (away.presence, away.is_present, away.turn_ends_at) == (Why.ON_LEAVE, False, None)


def test_an_entry_is_corrected(street: Street) -> None:
    liaison, deputy = add(street, "甲", "n1"), add(street, "乙")
    do(street, commands.change, liaison, Entry("甲", "所长", "0000-1", "10000000002", "working", deputy), RULES)
    assert (row(street, liaison).role, row(street, liaison).deputy_id) == ("所长", deputy)
    assert answer(street, when=NOON + timedelta(hours=11)) == ("乙", Why.DEPUTIZES)


REFUSED: dict[str, tuple[Callable[..., Any], tuple[object, ...]]] = {
    "no name": (commands.add, (POWER, Entry(" "), [], RULES)),
    "a name too long": (commands.add, (POWER, Entry("甲" * 41), [], RULES)),
    "unknown hours": (commands.add, (POWER, Entry("丙", calendar="moon"), [], RULES)),
    "a deputy of another unit": (commands.add, (WATER, Entry("丙", deputy_id=1), [], RULES)),
    "the own deputy": (commands.change, (1, Entry("甲", deputy_id=1), RULES)),
    "leave that ends before it begins": (commands.grant_leave, (1, TOMORROW, TODAY, None)),
    "standing in for oneself": (commands.grant_leave, (1, TODAY, TODAY, 1)),
    "a turn that ends before it begins": (commands.put_on_roster, (1, NOON, NOON)),
    "a turn of more than a month": (commands.put_on_roster, (1, NOON, NOON + 32 * DAY)),
    "the own successor": (commands.see_off, (1, TODAY, 1, RULES)),
    "an end before the beginning": (commands.see_off, (1, date(2020, 1, 1), None, RULES)),
}


@pytest.mark.parametrize(("command", "args"), REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense_is_refused(street: Street, command: Callable[..., Any], args: tuple[object, ...]) -> None:
    add(street, "甲", "n1")
    with pytest.raises(Refused) as refusal:
        do(street, command, *args)
    assert not isinstance(refusal.value, NotFound)
    assert answer(street) == ("甲", Why.IN_HOURS)


EDITS: tuple[tuple[Callable[..., Any], tuple[object, ...]], ...] = (
    (commands.add, (POWER, Entry("丙"), [], RULES)),
    (commands.change, (1, Entry("甲"), RULES)),
    (commands.verify, (1,)),
    (commands.name_for, (1, ID["n2"])),
    (commands.release, (1, ID["n1"])),
    (commands.grant_leave, (1, TODAY, TODAY)),
    (commands.put_on_roster, (1, NOON, NOON + DAY)),
    (commands.take_off_roster, (1,)),
    (commands.see_off, (1, TODAY, None, RULES)),
)


def test_only_who_keeps_the_directory_of_the_place_may_edit_it(street: Street) -> None:
    liaison = add(street, "甲", "n1")
    do(street, commands.put_on_roster, liaison, NOON + DAY, NOON + 2 * DAY)
    before = audited(street)
    north_only = Principal(1, "officer", (Grant(Role.DUTY_OFFICER, path_of("north")),))
    others = [who for name, who in WHO.items() if name not in ("officer", "administrator")]
    for who in (*others, north_only):
        for command, args in EDITS:
            with pytest.raises(NotFound):
                do(street, command, *args, by=Asker(who, "", NOON))
    assert audited(street) == before
    with pytest.raises(NotFound):
        do(street, commands.name_for, liaison, ID["f1"])  # of the other street


def test_who_may_look_up_see_mobiles_and_edit() -> None:
    may = {
        role: {p.name for p in people.PERMISSIONS[role]} & {"LOOK_UP", "READ_MOBILES", "EDIT_DIRECTORY"}
        for role in Role
    }
    everything, all_but_edit = {"LOOK_UP", "READ_MOBILES", "EDIT_DIRECTORY"}, {"LOOK_UP", "READ_MOBILES"}
    assert may == {
        Role.DUTY_OFFICER: everything,
        Role.ADMINISTRATOR: everything,
        Role.LEADER: all_but_edit,
        Role.SECRETARY: {"LOOK_UP"},
        Role.GRID_HEAD: {"LOOK_UP"},
        Role.LIAISON: {"LOOK_UP"},
        Role.WALL: set(),
        Role.SYSTEM: set(),
    }


# A leaver.


def held(street: Street) -> dict[int | None, list[int]]:
    """The open cases of the power unit by liaison."""
    with street.store.reading() as db:
        found = dispatches.seen_by(db, WHO["officer"], POWER, lookup.directory(db, RULES))
    return {liaison: [case.id for case in cases] for liaison, cases in found.items()}


def test_open_dispatches_move_to_the_successor_and_the_past_stays(street: Street) -> None:
    first, second = add(street, "甲", "n1"), add(street, "乙")
    case, ended = street.brought_to(Verb.TAKE_ON), street.brought_to(Verb.CLOSE)
    assert held(street) == {first: [case]}
    with pytest.raises(Refused, match="1 open dispatches"):
        do(street, commands.see_off, first, TODAY, None, RULES)
    numbers = do(street, commands.see_off, first, TODAY, second, RULES)
    assert numbers == [street.case(case).number]
    assert held(street) == {second: [case]}
    for one in (case, ended):
        called = next(e.given["called"] for e in street.events(one) if e.verb == Verb.DISPATCH and e.given)
        assert called["name"] == "甲"
    assert answer(street) == ("甲", Why.IN_HOURS)  # today is the last day
    assert answer(street, when=MORNING + DAY) == ("乙", Why.IN_HOURS)
    assert row(street, first).to_on == TODAY


def test_a_second_leaver_is_followed_too_and_a_liaison_of_another_unit_sees_nothing(street: Street) -> None:
    first, second, third = add(street, "甲", "n1"), add(street, "乙"), add(street, "丙")
    case = street.brought_to(Verb.DISPATCH)
    do(street, commands.see_off, first, TODAY, second, RULES)
    do(street, commands.see_off, second, TODAY, third, RULES)
    assert held(street) == {third: [case]}
    with street.store.reading() as db:
        found = dispatches.seen_by(db, WHO["liaison of water"], POWER, lookup.directory(db, RULES))
    assert [cases for cases in found.values() if cases] == []


def test_what_was_given_to_the_duty_room_belongs_to_nobody_in_particular(street: Street) -> None:
    case = street.brought_to(Verb.DISPATCH)
    assert held(street) == {None: [case]}


# How long they take.


def test_times_are_told_by_unit_with_median_p90_and_count(street: Street) -> None:
    for minutes in (2, 4, 6, 8, 100):
        case = street.brought_to(Verb.DISPATCH)
        arrival = NOON + (10 + minutes) * MINUTE
        street.take(case, move(Verb.TAKE_ON, "liaison of power", arrival))
        street.take(case, move(Verb.ARRIVE, "liaison of power", arrival + 30 * MINUTE))
    with street.store.reading() as db:
        found = times.times(db, WHO["officer"], NOON + DAY)
    assert found.keys() == {POWER}
    power = found[POWER]
    assert (power.dispatched, power.to_answer.count, power.to_answer.median, power.to_arrive.median) == (5, 5, 6, 36)
    assert power.to_answer.p90 == pytest.approx(63.2)


def test_a_case_counts_for_the_unit_that_gave_it_back_and_for_the_one_that_has_it_now(street: Street) -> None:
    case = street.brought_to(Verb.DISPATCH)
    at = NOON + 20 * MINUTE
    street.take(case, move(Verb.RETURN_WRONG, "liaison of power", at, note="不归我们"))
    street.take(case, move(Verb.DISPATCH, at=at, unit_id=WATER))
    street.take(case, move(Verb.TAKE_ON, "liaison of water", at + 5 * MINUTE))
    with street.store.reading() as db:
        found = times.times(db, WHO["officer"], NOON + DAY)
        own = times.times(db, WHO["liaison of power"], NOON + DAY)
        far = times.times(db, WHO["officer of the other street"], NOON + DAY)
    assert (found[POWER].refused, found[POWER].to_answer.count) == (1, 0)
    assert (found[WATER].dispatched, found[WATER].to_answer.median, found[WATER].refused) == (1, 5, 0)
    assert own == {POWER: found[POWER]}  # although the case is no longer theirs to see
    assert far == {}


def test_times_reach_back_ninety_days_and_cost_no_more_later(street: Street) -> None:
    case = street.report()
    street.take(case, *loop(until=Verb.TAKE_ON)[1:])
    with street.store.reading() as db:
        assert times.times(db, WHO["officer"], NOON + 90 * DAY)[POWER].to_answer.median == 5
        assert times.times(db, WHO["officer"], NOON + 91 * DAY) == {}


# An appointment that ends.


def appointed(street: Street, name: str) -> int:
    """The id of the appointment of one of the cast."""
    with street.store.reading() as db:
        found = db.exec(select(Appointment.id).where(Appointment.user_id == WHO[name].user_id)).one()
    assert found is not None
    return found


def end(street: Street, successor: str | None, last_on: date = TODAY) -> leavers.Left:
    """The administrator ends the appointment of the liaison of power."""
    heir = WHO[successor].user_id if successor else None
    left: leavers.Left = do(
        street, leavers.end_appointment, appointed(street, "liaison of power"), last_on, heir, RULES,
        by=asker("administrator"),
    )  # fmt: skip
    return left


def test_whoever_leaves_a_post_leaves_the_directory_and_the_dispatches_move_in_the_same_act(street: Street) -> None:
    leaver = add(street, "liaison of power", "street", role="所长", duty_phone="6316 0009")
    case = street.brought_to(Verb.TAKE_ON)
    number = street.case(case).number
    assert end(street, "stranger") == ([number], [number], True)
    heir = next(row(street, one) for one in (leaver + 1,))
    assert (heir.name, heir.role, heir.duty_phone, heir.unit_id) == ("stranger", "所长", "6316 0009", POWER)
    assert held(street) == {heir.id: [case]}
    assert (row(street, leaver).to_on, row(street, leaver).successor_id) == (TODAY, heir.id)
    assert answer(street, when=MORNING + DAY) == ("stranger", Why.IN_HOURS)
    called = next(e.given["called"] for e in street.events(case) if e.verb == Verb.DISPATCH and e.given)
    assert called["name"] == "liaison of power"  # history is not rewritten


def test_a_successor_who_is_in_the_directory_already_is_not_entered_twice(street: Street) -> None:
    leaver, known = add(street, "liaison of power", "n1"), add(street, "stranger")
    end(street, "stranger")
    assert row(street, leaver).successor_id == known
    with street.store.reading() as db:
        assert len(db.exec(select(Liaison)).all()) == 2


def test_dispatches_that_would_be_left_to_nobody_keep_the_whole_act_from_being_done(street: Street) -> None:
    leaver = add(street, "liaison of power", "street")
    street.brought_to(Verb.TAKE_ON)
    with street.store.writing() as db:  # somebody else holds the post: the cases are not left alone, the dispatches are
        other = WHO["stranger"].user_id
        db.add(Appointment(user_id=other, role=Role.LIAISON, place_id=ID["street"], unit_id=POWER, from_on=TODAY))
    with pytest.raises(Refused, match="1 open dispatches"):
        end(street, None)
    assert row(street, leaver).to_on is None
    with street.store.reading() as db:
        assert db.get_one(Appointment, appointed(street, "liaison of power")).to_on is None


def test_whoever_is_not_in_the_directory_leaves_the_post_only(street: Street) -> None:
    assert end(street, None) == ([], [], False)


# Sectors and units.


def test_a_renamed_sector_keeps_what_referred_to_it(street: Street) -> None:
    liaison = add(street, "甲", "n1")
    case = street.brought_to(Verb.TAKE_ON)
    with street.store.writing() as db:
        sectors.rename(db, EVERYWHERE, "power", " 电  力 ", RULES)
    with street.store.reading() as db:
        known = lookup.directory(db, RULES)
        (power,) = [one for one in sectors.known(db, RULES) if one.sector.code == "power"]
    assert (known.sectors["power"].name, power.before, power.units) == ("电 力", ("供电",), 1)
    assert held(street) == {liaison: [case]}
    found = search.index(known).search("电 力", (path_of("n1"),), MORNING)
    assert found.answers[0].answer.name == "甲"


def test_a_sector_of_ones_own_gets_units_and_ends_on_a_day(street: Street) -> None:
    with street.store.writing() as db:
        code = sectors.add(db, EVERYWHERE, "教育", RULES)
        unit = offices.add(db, OFFICER, OfficeEntry("教育办", code, "6316 0031", ID["street"]), RULES)
    add(street, "师一", "street", unit=unit)
    with street.store.writing() as db:
        sectors.retire(db, EVERYWHERE, code, TODAY, RULES)
    with street.store.reading() as db:
        known = lookup.directory(db, RULES)
    assert known.answer(code, path_of("n1"), MORNING).name == "师一"
    box, street_path = search.index(known), path_of("street")
    assert [bool(box.search("教育", (street_path,), at).answers) for at in (MORNING, MORNING + DAY)] == [True, False]


OFFICE = OfficeEntry("供电所", "power", "", ID["street"])
NO_SECTORS: dict[str, tuple[Callable[..., Any], tuple[object, ...], Asker]] = {
    "a name that is taken": (sectors.add, ("供水", RULES), EVERYWHERE),
    "no name": (sectors.rename, ("power", " ", RULES), EVERYWHERE),
    "an unknown sector": (sectors.rename, ("moon", "月", RULES), EVERYWHERE),
    "one to which categories go": (sectors.retire, ("power", TODAY, RULES), EVERYWHERE),
    "by who administers one street only": (sectors.add, ("教育", RULES), asker("administrator")),
    "a second unit of the name": (offices.add, (OFFICE, RULES), OFFICER),
    "a unit without a name": (offices.add, (replace(OFFICE, name=" "), RULES), OFFICER),
    "a unit of an unknown sector": (offices.change, (POWER, replace(OFFICE, sector="moon"), RULES), OFFICER),
    "a unit at a place of others": (offices.change, (POWER, replace(OFFICE, place_id=ID["f1"]), RULES), OFFICER),
    "a unit by who keeps no directory": (offices.change, (POWER, OFFICE, RULES), asker("leader")),
    "an unknown unit": (offices.change, (99, OFFICE, RULES), OFFICER),
}


@pytest.mark.parametrize(("command", "args", "by"), NO_SECTORS.values(), ids=NO_SECTORS)
def test_sectors_and_units_that_make_no_sense_are_refused(
    street: Street, command: Callable[..., Any], args: tuple[object, ...], by: Asker
) -> None:
    before = audited(street)
    with pytest.raises(Refused):
        do(street, command, *args, by=by)
    assert audited(street) == before


def test_a_leave_is_ended_early_or_has_never_held(street: Street) -> None:
    first = add(street, "甲", "n1")
    do(street, commands.grant_leave, first, TODAY - timedelta(days=2), TOMORROW)
    do(street, commands.grant_leave, first, TOMORROW, TOMORROW)
    assert answer(street)[1] is Why.DUTY_PHONE
    do(street, commands.call_back, 1)
    do(street, commands.call_back, 2)
    assert (answer(street), answer(street, when=MORNING + DAY)) == (("甲", Why.IN_HOURS), ("甲", Why.IN_HOURS))
    with street.store.reading() as db:
        assert [(one.from_on, one.to_on) for one in db.exec(select(LiaisonLeave))] == [
            (TODAY - timedelta(days=2), TODAY - timedelta(days=1)), (TOMORROW, TODAY)
        ]  # fmt: skip
    with pytest.raises(NotFound):
        do(street, commands.call_back, 1)
