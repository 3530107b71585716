"""Joint meetings in a real store: from an empty series to resolutions that act, come back, and are signed off."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from docx import Document
from sqlmodel import select

from core import whistles
from core.accounts.audit import Asker
from core.cases import backlog
from core.cases.queries import open_cases
from core.cases.tables import Case
from core.documents import clips
from core.errors import NotFound, Refused
from core.meeting_words import Cause, ItemKind, ItemOutcome, Presence, Progress, Rhythm
from core.meetings import agenda, candidates, kinds, notice, papers, queries, series, sitting, versions
from core.meetings.called import Called
from core.meetings.of_case import heard_of
from core.meetings.queries import Sheet
from core.meetings.rhythm import next_on, notice_on
from core.meetings.series import Plan
from core.meetings.sitting import Decision
from core.meetings.tables import AgendaItem, Meeting, Resolution, Series, SeriesMember
from core.words import Severity, Stage, Verb, WhistleKind
from tests.cast import DAY, HOUR, ID, NOON, POWER, RULES, WATER, WHO, WULIPU_1, WULIPU_3, Street, move, together

WEEK = 7 * DAY


def by(name: str = "officer") -> Asker:
    return Asker(WHO[name], "10.1.1.7", NOON)


def do(street: Street, command: Callable[..., Any], *args: object, who: str = "officer", **more: object) -> Any:
    """One command in a transaction of its own."""
    with street.store.writing() as db:
        return command(db, by(who), *args, **more)


def founded(street: Street, kind: str = "street", at: str = "street", who: str = "officer") -> int:
    plan = Plan(kind, ID[at], kinds.current().kinds[kind].rhythm, venue="三楼会议室", chair="王主任")
    made: Series = do(street, series.found, plan, who=who)
    assert made.id is not None
    return made.id


def built(street: Street, series_id: int, now: Any = NOON, who: str = "officer") -> Sheet:
    meeting: Meeting = do(street, agenda.build, series_id, now + 4 * DAY, RULES, now=now, who=who)
    return sheet(street, meeting.id or 0, who)


def sheet(street: Street, meeting_id: int, who: str = "officer") -> Sheet:
    with street.store.reading() as db:
        return queries.sheet(db, WHO[who], meeting_id)


def held(street: Street, meeting_id: int, now: Any = NOON, who: str = "officer") -> None:
    do(street, sitting.begin, meeting_id, now=now, who=who)
    do(street, sitting.end, meeting_id, now=now + HOUR, who=who)


DECISION = Decision("三日内完成整改", "李站长", 3, "陈书记", lead_unit_id=POWER, co_unit_ids=(WATER,))


def red(street: Street, **more: Any) -> int:
    return street.report(severity=Severity.RED, when=NOON - HOUR, **more)


def resolved(street: Street, now: Any = NOON) -> tuple[int, int, Resolution]:
    """A red case, the series, and the resolution of its first meeting, which has ended."""
    case_id, series_id = red(street), founded(street)
    found = built(street, series_id, now)
    do(street, sitting.begin, found.meeting.id, now=now)
    row, _ = do(street, sitting.resolve, found.lines[0].item.id, DECISION, RULES, 0, now=now)
    do(street, sitting.end, found.meeting.id, now=now + HOUR)
    return case_id, series_id, row


NEXT = [  # rhythm, weekday, week, after, expected
    (Rhythm.WEEKLY, 0, 1, date(2025, 11, 19), date(2025, 11, 24)),
    (Rhythm.WEEKLY, 2, 1, date(2025, 11, 19), date(2025, 11, 26)),
    (Rhythm.WEEKLY, 2, 1, date(2025, 9, 30), date(2025, 10, 9)),  # 1 October is a holiday, and so is the 8th
    (Rhythm.WEEKLY, 2, 1, date(2025, 10, 5), date(2025, 10, 9)),
    (Rhythm.MONTHLY, 0, 1, date(2025, 11, 19), date(2025, 12, 1)),
    (Rhythm.MONTHLY, 3, 1, date(2025, 12, 10), date(2026, 1, 4)),  # New Year's Day; 4 January is a make-up workday
    (Rhythm.QUARTERLY, 0, 2, date(2025, 11, 19), date(2026, 1, 12)),
    (Rhythm.AS_NEEDED, 0, 1, date(2025, 11, 19), None),
]


@pytest.mark.parametrize(("rhythm", "weekday", "week", "after", "expected"), NEXT)
def test_a_series_meets_in_its_rhythm_and_on_working_days(
    rhythm: Rhythm, weekday: int, week: int, after: date, expected: date | None
) -> None:
    assert next_on(rhythm, weekday, week, after) == expected


def test_papers_go_out_three_days_before_and_on_a_working_day() -> None:
    assert notice_on(date(2025, 11, 27), 3) == date(2025, 11, 24)
    assert notice_on(date(2025, 11, 26), 3) == date(2025, 11, 21)  # the Friday before a Sunday


@pytest.mark.parametrize(
    ("who", "kind", "at", "may"),
    [
        ("officer", "street", "street", True),
        ("officer", "street", "north", False),  # not such a place
        ("leader", "street", "street", False),
        ("secretary of north", "community", "north", True),
        ("secretary of north", "community", "south", False),
        ("secretary of north", "street", "street", False),
        ("head of n1", "grid_group", "n1", True),
        ("head of n1", "grid_group", "n2", False),
        ("head of n1", "community", "north", False),
        ("liaison of power", "street", "street", False),
        ("administrator", "street", "street", False),
        ("officer of the other street", "street", "street", False),
    ],
)
def test_who_founds_which_series(street: Street, who: str, kind: str, at: str, may: bool) -> None:
    if may:
        founded(street, kind, at, who)
    else:
        with pytest.raises(Refused):
            founded(street, kind, at, who)


def test_an_agenda_is_built_from_live_cases_with_reasons(street: Street) -> None:
    late = street.report(WULIPU_1, when=NOON - 60 * HOUR)
    fiery = red(street, category=WULIPU_3, at="s1")
    quiet = street.report(at="n2", when=NOON - HOUR)
    found = built(street, founded(street))
    causes = {brief.id: {part["cause"] for part in line.item.parts} for line in found.lines for brief in line.cases}
    assert causes == {late: {Cause.OVERDUE}, fiery: {Cause.RED}}
    assert quiet not in causes
    assert found.lines[0].item.score == sum(part["points"] for part in found.lines[0].item.parts)
    assert found.minutes <= found.meeting.minutes


def test_what_is_counted_about_a_case_comes_from_the_events(street: Street) -> None:
    case_id = street.brought_to(Verb.ANSWER, when=NOON - 5 * DAY)
    for number in range(2):
        at = NOON - 4 * DAY + number * DAY
        street.take(
            case_id,
            move(Verb.REWORK, "officer", at, note="不合格"),
            move(Verb.ARRIVE, "liaison of power", at + HOUR),
            move(Verb.RESOLVE, "liaison of power", at + 2 * HOUR),
            move(Verb.ANSWER, "liaison of power", at + 3 * HOUR),
        )
    for _ in range(2):
        street.report(when=NOON - DAY)
    do(street, whistles.blow, WhistleKind.TOUGH, [POWER], "请求会商", RULES, now=NOON, case_id=case_id)
    found = built(street, founded(street))
    parts = {part["cause"]: part["amount"] for part in found.lines[0].item.parts}
    assert {cause: parts[cause] for cause in (Cause.RETURNED, Cause.REPORTS, Cause.WHISTLE)} == {
        Cause.RETURNED: 2,
        Cause.REPORTS: 3,
        Cause.WHISTLE: 1,
    }


def test_a_grid_head_sees_only_cases_of_the_grid_on_the_agenda(street: Street) -> None:
    mine, other = red(street), red(street, at="s1")
    found = built(street, founded(street, "grid_group", "n1", "head of n1"), who="head of n1")
    shown = {brief.id for line in found.lines for brief in line.cases}
    assert mine in shown
    assert other not in shown


def test_the_secretary_adds_drops_merges_reorders_and_says_what_is_asked(street: Street) -> None:
    first, second = red(street), red(street, category=WULIPU_3)
    plain = street.report(at="s1", when=NOON - HOUR)
    found = built(street, founded(street))
    meeting_id = found.meeting.id or 0
    added: AgendaItem = do(street, agenda.add, meeting_id, [plain], RULES, now=NOON)
    with pytest.raises(Refused, match="already"):
        do(street, agenda.add, meeting_id, [plain], RULES, now=NOON)
    do(street, agenda.put, added.id, 1)
    assert sheet(street, meeting_id).lines[0].item.id == added.id
    one, two = (line.item.id for line in found.lines)
    do(street, agenda.merge, two, one)
    merged = next(line for line in sheet(street, meeting_id).lines if line.item.id == one)
    assert {brief.id for brief in merged.cases} == {first, second}
    wanted = agenda.Wanted("占道与管网", ItemKind.COORDINATION, 10, "定牵头单位", "先围挡后施工", (POWER, WATER))
    do(street, agenda.ask, one, wanted, merged.item.version)
    with pytest.raises(Refused, match="in the meantime"):
        do(street, agenda.ask, one, wanted, merged.item.version)
    with pytest.raises(Refused):
        do(street, agenda.drop, added.id, " ")
    do(street, agenda.drop, added.id, "材料未齐")
    after = sheet(street, meeting_id)
    assert [(item.id, item.dropped) for item in after.dropped] == [(added.id, "材料未齐")]
    assert [line.item.asked for line in after.lines] == ["定牵头单位"]


def test_what_was_dropped_or_put_off_comes_back_next_time(street: Street) -> None:
    red(street), red(street, category=WULIPU_3)
    series_id = founded(street)
    found = built(street, series_id)
    do(street, agenda.drop, found.lines[0].item.id, "材料未齐")
    held(street, found.meeting.id or 0)
    again = built(street, series_id, NOON + 2 * HOUR)
    assert [{part["cause"] for part in line.item.parts} >= {Cause.CARRIED} for line in again.lines] == [True, True]
    assert [line.item.times for line in again.lines] == [1, 1]


def test_a_fixed_agenda_is_a_version_and_later_changes_show(street: Street) -> None:
    red(street), red(street, category=WULIPU_3)
    found = built(street, founded(street))
    meeting_id = found.meeting.id or 0
    assert do(street, versions.fix, meeting_id, now=NOON).number == 1
    with street.store.reading() as db:
        assert versions.changes_of(db, meeting_id) == []
    do(street, agenda.drop, found.lines[0].item.id, "材料未齐")
    with street.store.reading() as db:
        (gone, *moved) = sorted(versions.changes_of(db, meeting_id), key=lambda change: change.now is not None)
    assert (gone.now, moved) == (None, [])
    assert do(street, versions.fix, meeting_id, now=NOON).number == 2


def test_an_agenda_never_fixed_is_taken_back_and_built_anew(street: Street) -> None:
    red(street)
    series_id = founded(street)
    found = built(street, series_id)
    with pytest.raises(Refused, match="not ended"):
        built(street, series_id)
    do(street, agenda.discard, found.meeting.id)
    assert built(street, series_id).meeting.number == 1


def test_a_resolution_acts_on_its_cases_at_once(street: Street) -> None:
    case_id, _, row = resolved(street)
    case = street.case(case_id)
    assert (case.stage, case.unit_id) == (Stage.DISPATCHED, POWER)
    assert [event.verb for event in street.events(case_id)] == ["report", "order", "accept", "dispatch"]
    ordered = street.events(case_id)[1]
    assert (ordered.note, ordered.given) == ("三日内完成整改", {"resolution": row.id})
    clock = street.clocks(case_id)["ordered"]
    assert (clock.calendar, clock.hours, clock.due_at) == ("working", 22.5, row.due_at)
    assert row.due_at.date() == date(2025, 11, 24)  # Wednesday noon and three working days
    street.take(
        case_id,
        move(Verb.TAKE_ON, "liaison of power", NOON + 2 * HOUR),
        move(Verb.ARRIVE, "liaison of power", NOON + 3 * HOUR),
        move(Verb.RESOLVE, "liaison of power", NOON + 4 * HOUR),
    )
    assert street.clocks(case_id)["ordered"].met_at == NOON + 4 * HOUR
    with street.store.reading() as db:
        assert [r.id for r in queries.resolutions_on(db, WHO["officer"], case_id)] == [row.id]
        assert queries.resolutions_on(db, WHO["head of s1"], case_id) == []
        (heard,) = heard_of(db, WHO["officer"], case_id)
        assert heard_of(db, WHO["head of s1"], case_id) == []
    assert (heard.outcome, [(lead, one.text) for lead, one in heard.resolutions]) == (
        ItemOutcome.RESOLVED, [("供电所", "三日内完成整改")],
    )  # fmt: skip


def test_a_resolution_stands_in_the_queue_of_its_unit_and_on_the_wall(street: Street) -> None:
    case_id, _, row = resolved(street)
    later = NOON + 2 * HOUR
    with street.store.reading() as db:
        mine = backlog.backlog(db, WHO["liaison of power"], later, RULES, backlog.look(db, WHO["liaison of power"]))
        theirs = backlog.backlog(db, WHO["liaison of water"], later, RULES, backlog.look(db, WHO["liaison of water"]))
        (shown,) = (case for case in open_cases(db) if case.id == case_id)
    assert ([found.case.id for found in mine], theirs) == ([case_id], [])
    assert shown.unit_id == POWER
    assert row.due_at in {clock.due_at for clock in street.clocks(case_id).values()}
    assert shown.due_at == min(clock.due_at for clock in street.clocks(case_id).values() if clock.met_at is None)


def test_a_closed_case_whose_resident_is_not_satisfied_comes_back_for_two_months(street: Street) -> None:
    case_id = street.brought_to(Verb.CLOSE, when=NOON)
    street.take(case_id, move(Verb.BRING_TO_MEETING, "secretary of north", NOON + 5 * HOUR, note="仍在漏水"))
    for days, expected in ((20, [case_id]), (59, [case_id]), (61, [])):
        with street.store.reading() as db:
            asked = Series(kind="street", name="街道", place_id=1, path="/1/", rhythm=Rhythm.WEEKLY, minutes=90)
            found = candidates.candidates(db, WHO["officer"], asked, kinds.current(), NOON + days * DAY)
        assert [fact.id for fact in found] == expected, days


def test_a_leader_decides_and_supervises_and_a_grid_head_leaves_the_dispatch_to_the_office(street: Street) -> None:
    with_unit = street.brought_to(Verb.TAKE_ON, when=NOON - 2 * DAY)
    red(street, category=WULIPU_3)
    found = built(street, founded(street, "grid_group", "n1", "head of n1"), who="head of n1")
    do(street, sitting.begin, found.meeting.id, now=NOON, who="head of n1")
    acted = {}
    for line in found.lines:
        _, acted[line.cases[0].id] = do(
            street, sitting.resolve, line.item.id, DECISION, RULES, 0, now=NOON, who="head of n1"
        )
    assert {(one.ordered, one.dispatched, one.waiting) for one in acted.values()} == {(1, 0, 1), (1, 0, 0)}
    series_id = founded(street)
    street_wide = built(street, series_id, NOON + HOUR)
    do(street, sitting.begin, street_wide.meeting.id, now=NOON + HOUR, who="leader")
    line = next(line for line in street_wide.lines if with_unit in {brief.id for brief in line.cases})
    order = Decision("限期办结", "李站长", 2, "王主任", is_supervised=True)
    _, done = do(street, sitting.resolve, line.item.id, order, RULES, 0, now=NOON + HOUR, who="leader")
    assert (done.ordered, done.supervised) == (1, 1)
    assert {"ordered", "reply"} <= set(street.clocks(with_unit))


@pytest.mark.parametrize(
    "wrong",
    [{"text": " "}, {"person": ""}, {"supervisor": ""}, {"days": 0}, {"days": 400}, {"lead_unit_id": 99}],
)
def test_a_resolution_with_a_field_missing_is_refused_and_does_nothing(street: Street, wrong: dict[str, Any]) -> None:
    case_id = red(street)
    found = built(street, founded(street))
    do(street, sitting.begin, found.meeting.id, now=NOON)

    with pytest.raises(Refused):
        do(street, sitting.resolve, found.lines[0].item.id, replace(DECISION, **wrong), RULES, 0, now=NOON)
    assert street.case(case_id).version == 1


def test_two_people_record_at_once_without_loss(street: Street) -> None:
    red(street), red(street, category=WULIPU_3)
    series_id = founded(street)
    for name in ("张三", "李四"):
        do(street, series.invite, series_id, SeriesMember(series_id=0, name=name, post="居民代表"))
    found = built(street, series_id)
    do(street, sitting.begin, found.meeting.id, now=NOON)
    one, two = found.lines
    ended = together(
        lambda: do(street, sitting.resolve, one.item.id, DECISION, RULES, 0, now=NOON),
        lambda: do(street, sitting.resolve, two.item.id, DECISION, RULES, 0, now=NOON, who="leader"),
        lambda: do(street, sitting.mark, found.attendance[0].id, Presence.PRESENT),
        lambda: do(street, sitting.mark, found.attendance[1].id, Presence.EXCUSED, who="leader"),
    )
    assert not [error for error in ended if isinstance(error, Exception)]
    after = sheet(street, found.meeting.id or 0)
    assert [len(line.resolutions) for line in after.lines] == [1, 1]
    assert [row.presence for row in after.attendance] == [Presence.PRESENT, Presence.EXCUSED]


def test_of_two_who_decide_the_same_item_at_once_the_second_is_told(street: Street) -> None:
    red(street)
    found = built(street, founded(street))
    do(street, sitting.begin, found.meeting.id, now=NOON)
    ended = together(
        *[lambda: do(street, sitting.resolve, found.lines[0].item.id, DECISION, RULES, 0, now=NOON) for _ in range(2)]
    )
    assert sorted(type(one).__name__ for one in ended) == ["Refused", "tuple"]
    with street.store.reading() as db:
        assert len(db.exec(select(Resolution)).all()) == 1


def test_the_next_meeting_opens_with_each_resolution(street: Street) -> None:
    _, series_id, row = resolved(street)
    again = built(street, series_id, NOON + WEEK)
    first = again.lines[0]
    assert (first.item.kind, first.item.reviews_id) == (ItemKind.HEARING, row.id)
    assert first.reviewed is not None
    assert first.reviewed.progress_at(NOON + WEEK) == Progress.OVERDUE
    assert first.cases[0].since_last > 0


def test_signing_off_needs_evidence_and_a_signed_one_comes_once_more_as_done(street: Street) -> None:
    _, series_id, row = resolved(street)
    do(street, sitting.tell, row.id, Progress.UNDER_WAY, "已进场", who="liaison of power")
    do(street, sitting.tell, row.id, Progress.UNDER_WAY, "配合", who="liaison of water")
    for who in ("leader", "liaison of power", "head of n1"):
        with pytest.raises(Refused):
            do(street, sitting.sign_off, row.id, "照片 3 张", who=who, now=NOON + DAY)
    with pytest.raises(Refused, match="evidence"):
        do(street, sitting.sign_off, row.id, " ", now=NOON + DAY)
    do(street, sitting.sign_off, row.id, "现场照片 3 张，居民签字", now=NOON + DAY)
    with pytest.raises(Refused):
        do(street, sitting.tell, row.id, Progress.UNDER_WAY, "")
    found = built(street, series_id, NOON + WEEK)
    assert [line.reviewed.progress for line in found.lines if line.reviewed] == [Progress.DONE]
    held(street, found.meeting.id or 0, NOON + WEEK)
    assert [line.reviewed for line in built(street, series_id, NOON + 2 * WEEK).lines if line.reviewed] == []


def test_what_stays_unsolved_twice_goes_to_the_next_level_with_the_times(street: Street) -> None:
    case_id = red(street)
    below = founded(street, "community", "north", "secretary of north")
    first = built(street, below, who="secretary of north")
    held(street, first.meeting.id or 0, who="secretary of north")
    second = built(street, below, NOON + 30 * DAY, who="secretary of north")
    assert [line.item.times for line in second.lines] == [1]
    held(street, second.meeting.id or 0, NOON + 30 * DAY, who="secretary of north")
    assert sheet(street, second.meeting.id or 0).lines[0].item.outcome == ItemOutcome.PROMOTED
    above = built(street, founded(street), NOON + 31 * DAY)
    (line,) = [line for line in above.lines if case_id in {brief.id for brief in line.cases}]
    assert {part["cause"]: part["amount"] for part in line.item.parts}[Cause.PROMOTED] == 2
    assert built(street, below, NOON + 60 * DAY, who="secretary of north").lines == ()


def test_a_resolution_not_done_twice_is_promoted_with_its_times(street: Street) -> None:
    _, series_id, row = resolved(street)
    for number in (1, 2):
        now = NOON + number * WEEK
        found = built(street, series_id, now)
        held(street, found.meeting.id or 0, now)
    with street.store.reading() as db:
        again = db.get_one(Resolution, row.id)
    assert (again.missed, again.is_promoted) == (2, True)
    assert sheet(street, found.meeting.id or 0).lines[0].item.outcome == ItemOutcome.PROMOTED
    quarter = built(street, founded(street, "quarterly"), NOON + 3 * WEEK)
    assert {part["cause"]: part["amount"] for part in quarter.lines[0].item.parts}[Cause.PROMOTED] == 2


def test_a_matter_that_is_resolved_upon_again_is_called_by_its_case_and_the_newest_resolution(street: Street) -> None:
    case_id, series_id, first = resolved(street)
    second = built(street, series_id, NOON + WEEK)
    title = f"{street.case(case_id).title}：{first.text}"
    assert [line.item.title for line in second.lines] == [title]
    do(street, sitting.begin, second.meeting.id, now=NOON + WEEK)
    again = replace(DECISION, text="限期清零")
    do(street, sitting.resolve, second.lines[0].item.id, again, RULES, 0, now=NOON + WEEK)
    do(street, sitting.end, second.meeting.id, now=NOON + WEEK + HOUR)
    third = built(street, series_id, NOON + 2 * WEEK)
    assert f"{street.case(case_id).title}：限期清零" in [line.item.title for line in third.lines]


def test_an_item_is_promoted_settled_or_put_off_with_a_reason(street: Street) -> None:
    red(street), red(street, category=WULIPU_3)
    found = built(street, founded(street))
    do(street, sitting.begin, found.meeting.id, now=NOON)
    one, two = (line.item.id for line in found.lines)
    with pytest.raises(Refused):
        do(street, sitting.conclude, one, ItemOutcome.DEFERRED, "", 0)
    with pytest.raises(Refused):
        do(street, sitting.conclude, one, ItemOutcome.REVIEWED, "无", 0)
    do(street, sitting.conclude, one, ItemOutcome.PROMOTED, "需区级协调", 0)
    do(street, sitting.conclude, two, ItemOutcome.SETTLED, "已自行解决", 0)
    do(street, sitting.end, found.meeting.id, now=NOON)
    outcomes = {line.item.id: line.item.outcome for line in sheet(street, found.meeting.id or 0).lines}
    assert outcomes == {one: ItemOutcome.PROMOTED, two: ItemOutcome.SETTLED}


def test_a_liaison_reads_the_items_of_the_unit_and_others_nothing(street: Street) -> None:
    _, _, row = resolved(street)
    red(street, category=WULIPU_3)
    with street.store.reading() as db:
        meeting_id = db.exec(select(Meeting.id)).one()
        for who, count in (("officer", 1), ("leader", 1), ("liaison of power", 1), ("liaison of water", 1)):
            assert len(queries.sheet(db, WHO[who], meeting_id or 0).lines) == count, who
            assert [r.id for r in queries.open_resolutions(db, WHO[who])] == [row.id]
        assert (
            queries.sheet(db, WHO["liaison of water"], meeting_id or 0).lines[0].cases == ()
        )  # the case is not theirs
        for who in ("head of n1", "secretary of north", "wall", "stranger", "officer of the other street"):
            with pytest.raises(NotFound):
                queries.sheet(db, WHO[who], meeting_id or 0)


def test_every_command_asks_for_the_right_of_its_place(street: Street) -> None:
    red(street)
    series_id = founded(street)
    found = built(street, series_id)
    meeting_id, item_id = found.meeting.id, found.lines[0].item.id
    wanted = agenda.Wanted("题", ItemKind.DECISION, 5, "", "", ())
    attempts: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = [
        (agenda.build, (series_id, NOON, RULES), {"now": NOON}),
        (agenda.drop, (item_id, "因"), {}),
        (agenda.put, (item_id, 1), {}),
        (agenda.ask, (item_id, wanted, 0), {}),
        (versions.fix, (meeting_id,), {"now": NOON}),
        (agenda.discard, (meeting_id,), {}),
        (sitting.begin, (meeting_id,), {"now": NOON}),
        (sitting.end, (meeting_id,), {"now": NOON}),
        (series.invite, (series_id, SeriesMember(series_id=0, name="张三")), {}),
    ]
    for who in ("head of n1", "secretary of north", "liaison of power", "administrator", "wall", "stranger"):
        for command, args, more in attempts:
            with pytest.raises(Refused):
                do(street, command, *args, who=who, **more)
    for command, args, more in attempts[:6]:
        with pytest.raises(Refused):
            do(street, command, *args, who="leader", **more)


def test_the_year_by_unit(street: Street) -> None:
    _, series_id, row = resolved(street)
    do(street, sitting.sign_off, row.id, "照片", now=NOON + DAY)
    red(street, category=WULIPU_3)
    found = built(street, series_id, NOON + WEEK)
    do(street, sitting.begin, found.meeting.id, now=NOON + WEEK)
    item = next(line.item.id for line in found.lines if line.reviewed is None)
    do(street, sitting.resolve, item, DECISION, RULES, 0, now=NOON + WEEK)
    do(street, sitting.end, found.meeting.id, now=NOON + WEEK)
    with street.store.reading() as db:
        now = NOON + 3 * WEEK
        assert queries.year(db, WHO["leader"], NOON - DAY, NOON + 30 * DAY, now) == [(POWER, 2, 2, 1, 0, 1, 1)]
        assert (
            queries.year(db, WHO["leader"], NOON - DAY, NOON + 30 * DAY, NOON + WEEK + HOUR)[0].due == 1
        )  # a new one is not
        assert queries.year(db, WHO["head of n1"], NOON - DAY, NOON + 30 * DAY, now) == []
        assert queries.year(db, WHO["liaison of power"], NOON - DAY, NOON + 30 * DAY, now) == []


def test_an_order_is_taken_by_a_meeting_only(street: Street) -> None:
    case_id = red(street)
    with pytest.raises(Refused, match="meeting"):
        street.take(case_id, move(Verb.ORDER, note="令", hours=8))
    with street.store.reading() as db:
        assert db.get_one(Case, case_id).version == 1


def words_of(file: bytes) -> str:
    """Everything written in a Word file."""
    document = Document(io.BytesIO(file))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_papers_and_notice_say_what_the_meeting_says_and_nothing_of_reporters(street: Street) -> None:
    street.report(severity=Severity.RED, when=NOON - HOUR, reporter_name="张伟", reporter_phone="13812341234")
    series_id = founded(street)
    do(street, series.invite, series_id, SeriesMember(series_id=0, name="李代表", post="居民代表"))
    found = built(street, series_id)
    do(street, sitting.begin, found.meeting.id, now=NOON)
    do(street, sitting.mark, found.attendance[0].id, Presence.PRESENT)
    do(street, sitting.resolve, found.lines[0].item.id, DECISION, RULES, 0, now=NOON)
    do(street, sitting.end, found.meeting.id, now=NOON)
    after = sheet(street, found.meeting.id or 0)
    with street.store.reading() as db:
        ground = clips.ground(db, NOON)
    rows = [row for line in after.lines for row in line.resolutions]
    made = {
        "agenda": words_of(papers.agenda(after, NOON.date(), is_demo=False)),
        "minutes": words_of(papers.minutes(after, 3, is_demo=False)),
        "list": words_of(papers.resolutions(rows, after, NOON, is_demo=False)),
        "pack": words_of(papers.pack(after, ground, [Called("供电所", "李某", "0377-6301")], is_demo=True)),
        "chat": notice.chat(after),
        "calendar": notice.calendar(after, NOON).decode().replace("\r\n ", ""),
    }
    for name, text in made.items():
        assert "张伟" not in text, name
        assert "1381234" not in text, name
    assert "纪要" in made["minutes"]
    assert "第 3 期" in made["minutes"]
    assert (
        "三日内完成整改，供电所牵头，李站长负责，供水站配合，3 个工作日内（2025年11月24日前）完成，陈书记督办。"
        in made["minutes"]
    )
    assert "出席：李代表（居民代表）" in made["minutes"]
    assert "三日内完成整改" in made["list"]
    assert "【会议通知】" in made["chat"]
    assert "DTSTART:20251123T040000Z" in made["calendar"]
    assert found.lines[0].item.title in made["pack"]
