"""The dossier: everything about a case for who may see it, and the reporter for nobody who need not know."""

from sqlalchemy import event

from core import whistles
from core.accounts.audit import Asker
from core.cases.dossier import Dossier, dossier
from core.words import Request, Stage, Verb, WhistleKind
from tests.cast import CLEANING, DAY, HOUR, ID, MINUTE, NOON, POWER, RULES, WATER, WHO, ZHANQIAN, Street, move
from tests.test_side_steps import asked, leave

OFFICER, POWERS = "officer", "liaison of power"


def opened(street: Street, case_id: int, who: str = OFFICER) -> Dossier | None:
    with street.store.reading() as db:
        return dossier(db, WHO[who], case_id, NOON + DAY, RULES)


def told(street: Street) -> int:
    """A case with everything: two units, leave, a duplicate, a reporter."""
    case_id = street.report(ZHANQIAN, "house", reporter_name="张三", reporter_phone="13800001234")
    twin = street.report(ZHANQIAN, "n1", reporter_name="李四", reporter_phone="13900005678")
    street.take(
        case_id,
        move(Verb.ACCEPT, at=NOON + 5 * MINUTE),
        move(Verb.DISPATCH, at=NOON + 10 * MINUTE, unit_id=WATER),
        move(Verb.RETURN_WRONG, "liaison of water", NOON + 20 * MINUTE, note="不归我管"),
        move(Verb.DISPATCH, at=NOON + 30 * MINUTE),
        move(Verb.TAKE_ON, OFFICER, NOON + 40 * MINUTE, on_behalf_of=POWER),
        *leave(Request.EXTENSION, HOUR),
    )
    street.take(twin, asked(Verb.MERGE, other_id=case_id))
    with street.store.writing() as db:
        asker = Asker(WHO["head of n1"], "test", NOON + HOUR)
        whistles.blow(
            db, asker, WhistleKind.DAILY, [POWER, CLEANING], "请到场", RULES, now=NOON + HOUR, case_id=case_id
        )
    return case_id


def test_a_dossier_tells_everything(street: Street) -> None:
    found = opened(street, told(street))
    assert found is not None
    assert [node.name for node in found.trail] == ["street", "north", "n1", "house"]
    assert found.unit
    assert found.unit.id == POWER
    verbs = [Verb(line.event.verb) for line in found.happened]
    assert verbs[:6] == [
        Verb.REPORT, Verb.ACCEPT, Verb.DISPATCH, Verb.RETURN_WRONG, Verb.DISPATCH, Verb.TAKE_ON,
    ]  # fmt: skip
    assert [line.stood and line.stood / MINUTE for line in found.happened[:6]] == [None, 5, 5, 10, 10, 10]
    assert (found.happened[5].by, found.happened[5].on_behalf_of) == (OFFICER, "供电所")
    assert {promise.row.name for promise in found.clocks} == {"on_site", "resolved", "answered", "checked"}
    assert [promise.unit for promise in found.unit_clocks] == ["供水站", "供电所"]
    assert all(p.why.counted + p.why.skipped + p.why.paused == p.why.elapsed for p in found.clocks)
    assert [(link.id, link.is_into) for link in found.links] == [(2, False)]
    assert [(one.id, one.source, one.reporter) for one in found.attached] == [(2, "phone", "李* 139****5678")]
    assert found.units[CLEANING] == "环卫所"  # of a unit that was only called, too
    assert [entry.verb for entry in found.ledger] == [Verb.RETURN_WRONG, Verb.ASK_EXTENSION]
    assert [call.whistle.text for call in found.whistles] == ["请到场"]
    assert found.reporter == ("张*", "138****1234")
    assert found.may_unmask
    assert Verb.ARRIVE in {step.verb for step in found.steps}
    assert found.state.stage is Stage.TAKEN_ON


def test_the_unit_complained_of_does_not_learn_who_complained(street: Street) -> None:
    case_id = told(street)
    found = opened(street, case_id, POWERS)
    assert found is not None
    assert (found.reporter, found.may_unmask) == (None, False)
    assert [one.reporter for one in found.attached] == [""]
    leader = opened(street, case_id, "leader")
    assert leader is not None
    assert leader.reporter is None


def test_what_may_not_be_seen_has_no_dossier(street: Street) -> None:
    case_id = told(street)
    for who in ("head of s1", "liaison of water", "officer of the other street", "wall", "stranger"):
        assert opened(street, case_id, who) is None
    assert opened(street, 999) is None


def test_the_merged_case_names_the_one_it_went_into(street: Street) -> None:
    told(street)
    found = opened(street, 2)
    assert found is not None
    assert [(link.id, link.is_into) for link in found.links] == [(1, True)]


def test_a_border_case_names_the_other_grid(street: Street) -> None:
    case_id = street.report(at="n2")
    found = opened(street, case_id)
    assert found is not None
    assert found.also == ()
    assert found.case.grid_id == ID["n2"]


def test_a_dossier_asks_a_fixed_number_of_questions(street: Street) -> None:
    plain, full = street.report(), told(street)
    engine = street.store._reads
    asked_for: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: asked_for.append(args[2]))
    numbers = []
    for case_id in (plain, full):
        asked_for.clear()
        opened(street, case_id)
        numbers.append(sum(statement.startswith(("SELECT", "WITH")) for statement in asked_for))
    assert max(numbers) <= 16
    assert numbers[1] - numbers[0] <= 2
