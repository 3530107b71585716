"""The parts of the backlog page that show cases: filters, groups, and the chosen one with its steps."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import streamlit as st
from markupsafe import Markup

from core import rules, spans
from core.captions import label
from core.cases import backlog, taking, told
from core.cases.backlog import Show, Todo
from core.cases.step_table import MAIN, STEPS
from core.clock import local
from core.language import N_, Translate
from core.limits import Clock
from core.people import Principal
from core.places import Tree
from core.units import Unit
from core.words import ENDED, Action, ClockState, Permission, Request, Verb, WhistleKind
from pages.ui import cards, drafts, pieces, session, step_form

SHOWS = {
    Show.ALL: N_("All"),
    Show.OVERDUE: N_("Overdue"),
    Show.TODAY: N_("Today"),
    Show.WAITING: N_("Suspended or to be approved"),
    Show.CHANGED: N_("Changed"),
    Show.APPROVAL: N_("To approve"),
}
ONWARD = tuple(verb for verb in MAIN if verb is not Verb.SELF_HANDLE)  # the way to the end
ALWAYS = (Show.ALL, Show.OVERDUE, Show.TODAY, Show.WAITING)
GROUPS = (N_("Overdue"), N_("Due today"), N_("Later"), N_("No clock runs"), N_("Suspended"), N_("With others"))
LANES = {
    "cases": (N_("Cases"), Permission.READ_CASES),
    "whistles": (N_("Whistles"), Permission.WORK_FOR_UNIT),
    "calls": (N_("Call-backs"), Permission.CALL_BACK),
    "diary": (N_("Diary"), Permission.KEEP_DIARY),
    "ledger": (N_("Ledger"), Permission.APPROVE),
}


def lane(who: Principal, translate: Translate) -> str:
    """Which part of the page is shown; the address keeps it."""
    open_to = [name for name, (_, permission) in LANES.items() if who.paths(permission)]
    asked = st.query_params.get("lane", open_to[0])
    if len(open_to) == 1:
        return open_to[0]
    chosen = st.segmented_control(
        translate("Part"), open_to, default=asked if asked in open_to else open_to[0], required=True,
        format_func=lambda name: translate(LANES[name][0]), key="lane", label_visibility="collapsed", width="stretch",
    )  # fmt: skip
    st.query_params["lane"] = chosen
    return chosen


def asked_show() -> Show:
    """The filter in the address."""
    asked = st.query_params.get("show")
    return Show(asked) if asked in set(Show) else Show.ALL


def draw_filters(counts: Mapping[Show, int], show: Show, translate: Translate) -> None:
    """The filters with what each would show; a touch changes the address."""
    shown = [each for each in Show if each in ALWAYS or counts[each] or each is show]
    chosen = st.pills(
        translate("Filter"), shown, default=show, required=True, key="show", label_visibility="collapsed",
        format_func=lambda each: f"{translate(SHOWS[each])} {counts[each]}",
    )  # fmt: skip
    if chosen is not show:
        st.query_params["show"] = chosen.value
        st.query_params.pop("case", None)
        st.rerun()


def chosen_of(todos: Sequence[Todo]) -> Todo | None:
    """The case in the address, or the most urgent one that waits for me, or else the most urgent one."""
    asked = st.query_params.get("case", "")
    ordered = sorted(todos, key=lambda todo: (str(todo.id) != asked, not todo.is_mine))
    return next(iter(ordered), None)


def draw_cases(
    todos: Sequence[Todo], units: Mapping[int, Unit], tree: Tree, who: Principal, now: datetime, translate: Translate
) -> None:
    """The cases in groups, as rows; the chosen one is a card with its steps: at a desk beside its row, else for it."""
    chosen = chosen_of(todos)
    with st.container(key="board", gap="small"):
        for name in GROUPS:
            group = [todo for todo in todos if group_of(todo, now) == name]
            if group:
                cards.show(pieces.heading(translate(name), len(group), _late(name, todos, now, translate)))
            above, below = _around(group, chosen)
            if above:
                with cards.rows(f"above_{GROUPS.index(name)}" if below else f"{GROUPS.index(name)}"):
                    _rows(above, chosen, units, tree, now, translate)
            if chosen and chosen in group:
                _card(chosen, units, tree, who, now, translate)
            if below:
                with cards.rows(f"below_{GROUPS.index(name)}"):
                    _rows(below, chosen, units, tree, now, translate)


def _late(name: str, todos: Sequence[Todo], now: datetime, translate: Translate) -> str:
    """How many of those that wait for others are overdue or due today: the filters count them too."""
    by_time = Counter(_by_time(todo, now) for todo in todos if not todo.is_mine)
    if name in GROUPS[:2] and by_time[name]:
        return translate("{count} more with others, below").format(count=by_time[name])
    if name != GROUPS[5]:
        return ""
    said = ((GROUPS[0], translate("{count} overdue")), (GROUPS[1], translate("{count} due today")))
    return " · ".join(words.format(count=by_time[each]) for each, words in said if by_time[each])


def group_of(todo: Todo, now: datetime) -> str:
    """Under which heading a case stands: what is up to me by its due time, then what waits or is up to others."""
    return _by_time(todo, now) if todo.is_mine else GROUPS[5]


def _by_time(todo: Todo, now: datetime) -> str:
    """The heading of its due time; overdue is what the wall calls so, a unit that is late has it still for today."""
    if todo.clock is ClockState.PAUSED:
        return GROUPS[4]
    if todo.due_at is None:
        return GROUPS[3]
    if todo.of_case is ClockState.OVERDUE:
        return GROUPS[0]
    return GROUPS[1] if local(todo.due_at).date() <= local(now).date() else GROUPS[2]


def _around(group: list[Todo], chosen: Todo | None) -> tuple[list[Todo], list[Todo]]:
    """The cases up to the chosen one, itself among them, and those after it."""
    at = group.index(chosen) + 1 if chosen in group else len(group)
    return group[:at], group[at:]


def _rows(
    todos: Iterable[Todo], chosen: Todo | None, units: Mapping[int, Unit], tree: Tree, now: datetime,
    translate: Translate,
) -> None:  # fmt: skip
    for todo in todos:
        of_what, due, others = promises(todo.running, units, translate)
        if cards.case_row(
            todo, now, translate, key=f"todo_{todo.id}", where=_where(todo, tree),
            next_step=_coming(todo, units, translate), whose=of_what, chosen=todo is chosen,
            extra=filter(None, (*_remarks(todo, translate), due, *others)),
        ):  # fmt: skip
            st.query_params["case"] = str(todo.id)
            st.query_params.pop("step", None)
            st.rerun()


def _coming(todo: Todo, units: Mapping[int, Unit], translate: Translate) -> str:
    """What I do next, or what others do, and which unit if it is up to one."""
    step, unit = backlog.main_step(todo), units.get(todo.case.unit_id or 0)
    if todo.is_mine and step:
        return translate(label(step.verb))
    others = next((STEPS[verb] for verb in ONWARD if todo.stage in STEPS[verb].before), None)
    if others is None:
        return ""
    is_of_unit = unit is not None and others.who is Permission.WORK_FOR_UNIT
    return " · ".join(filter(None, (unit.name if unit and is_of_unit else "", translate(label(others.verb)))))


def _where(todo: Todo, tree: Tree) -> str:
    grid = tree.nodes.get(todo.case.grid_id)
    return " · ".join(filter(None, (todo.case.address, grid.name if grid else "")))


def _remarks(todo: Todo, translate: Translate) -> list[str]:
    """What a row says beyond its place: that others changed it, and what it waits for."""
    found = [translate("Changed")] if todo.is_changed else []
    if todo.case.request:
        found.append(translate("Asked for: {request}").format(request=translate(label(Request(todo.case.request)))))
    return found


def _card(
    todo: Todo, units: Mapping[int, Unit], tree: Tree, who: Principal, now: datetime, translate: Translate
) -> None:  # fmt: skip
    unit = units.get(todo.case.unit_id or 0)
    with cards.card(f"todo_{todo.id}"):
        cards.show(head(todo, units, now, translate, where=_where(todo, tree)))
        if todo.case.text:
            st.text(todo.case.text)
        draw_steps(todo, units, translate)
        draw_whistle(todo, units, who, now, translate)
        cards.show(pieces.links([(translate("Case file"), f"/case?case={todo.id}")], call(unit, who, translate)))


def head(todo: Todo, units: Mapping[int, Unit], now: datetime, translate: Translate, where: str = "") -> Markup:
    """What a card says of a case: the promise due first with whose it is and until when, the other one below."""
    of_what, due, others = promises(todo.running, units, translate)
    unit = units.get(todo.case.unit_id or 0)
    named = [unit.name] if unit and not any(clock.unit_id for clock in todo.running) else []  # a promise names it
    extra = [*_remarks(todo, translate), *named, *others]
    return pieces.case_card(
        todo, now, translate, stage=todo.stage, where=where, extra=extra, whose=of_what, due=due
    )  # fmt: skip


def promises(
    running: Sequence[Clock], units: Mapping[int, Unit], translate: Translate
) -> tuple[str, str, list[str]]:  # fmt: skip
    """What the promise that is shown is of, when it falls due, and the other one with both; empty where none runs."""
    said = [(whose(clock, units, translate), spans.moment_text(clock.due_at, translate)) for clock in running]
    if not said:
        return "", "", []
    (name, at), *others = said
    due = translate("due {time}").format(time=at)
    return name, due, [translate("{whose}: due {time}").format(whose=other, time=time) for other, time in others]


def whose(clock: Clock, units: Mapping[int, Unit], translate: Translate) -> str:
    """What a clock is called: the unit whose own it is, or what was promised."""
    if unit := units.get(clock.unit_id or 0):
        return unit.name
    return told.named(clock.regime, clock.name, rules.current(), translate)


def call(unit: Unit | None, who: Principal, translate: Translate) -> Markup | str:
    """The button that rings a unit up, with its name and number; nobody rings their own."""
    if unit is None or not unit.duty_phone or any(grant.unit_id == unit.id for grant in who.grants):
        return ""
    digits = "".join(letter for letter in unit.duty_phone if letter.isdigit() or letter == "+")
    words = translate("Call {name}").format(name=unit.name)
    return Markup('<a class="tel" href="tel:{}">{}&ensp;<small>{}</small></a>').format(digits, words, unit.duty_phone)


def draw_steps(todo: Todo, units: Mapping[int, Unit], translate: Translate) -> None:
    """The main step as a large button, the others beside it; one that asks for something opens its form."""
    asked = st.query_params.get("step", "")
    opened = next((step for step in todo.steps if step.verb == asked), None)
    if opened:
        if st.button(translate("Back"), key="step_back"):
            st.query_params.pop("step", None)
            st.rerun()
        step_form.draw(todo, opened, list(units.values()), translate)
        return
    main = backlog.main_step(todo)
    if main is None:
        return cards.show(pieces.note(translate("Nothing to be done by you now.")))
    with st.container(key="main_step", horizontal=True, gap="small"):
        if st.button(translate(label(main.verb)), key=f"take_{main.verb}", type="primary", width="stretch"):
            _choose(todo, main.verb, translate)
        if step_form.asks_nothing(main) and st.button(translate("With note or photo"), key="with_more"):
            open_form(todo, main.verb)
    others = [step for step in todo.steps if step is not main]
    if others:
        with st.expander(translate("Other steps"), key="other_steps"):
            for step in others:
                if st.button(translate(label(step.verb)), key=f"take_{step.verb}", width="stretch"):
                    _choose(todo, step.verb, translate)


def draw_whistle(todo: Todo, units: Mapping[int, Unit], who: Principal, now: datetime, translate: Translate) -> None:
    """The form that calls units to a case."""
    if todo.stage in ENDED or not who.may(Permission.BLOW_WHISTLE, todo.case.path):
        return
    with st.expander(translate("Blow the whistle"), key="whistle"):
        kind = st.pills(
            translate("How urgent"), list(WhistleKind), default=WhistleKind.DAILY, required=True, key="whistle_kind",
            format_func=lambda each: translate(label(each)), bind="query-params",
        )  # fmt: skip
        called = st.multiselect(
            translate("Units called"), sorted(units), format_func=lambda unit: units[unit].name, key="whistle_units",
            placeholder=translate("Choose the units that are called"), bind="query-params",
        )  # fmt: skip
        text = st.text_area(translate("What for"), key=f"whistle_{todo.id}", max_chars=400, height=90)
        key = f"whistle-{todo.id}-{len(text)}-{kind}-{called}-{now:%Y%m%d%H}"
        if st.button(translate("Blow"), key="whistle_blow", type="primary", width="stretch") and session.did(
            Action.BLOW_WHISTLE, f"case {todo.number}", taking.blow_once, todo.id, kind or WhistleKind.DAILY, called,
            text, rules.current(), key=key, now=now,
        ):  # fmt: skip
            drafts.forget(f"whistle_{todo.id}")
            st.session_state[step_form.SAID] = translate("The whistle was blown.")
            st.rerun()


def _choose(todo: Todo, verb: Verb, translate: Translate) -> None:
    """One tap, or the form of what the step asks for."""
    step = next(step for step in todo.steps if step.verb is verb)
    if step_form.asks_nothing(step):
        step_form.take(todo, step)
    else:
        open_form(todo, verb)


def open_form(todo: Todo, verb: Verb) -> None:
    """Show the form of a step; the address keeps it through a reload."""
    st.query_params["case"], st.query_params["step"] = str(todo.id), verb.value
    st.rerun()


def kept_of(todos: Sequence[Todo]) -> tuple[list[str], list[str]]:
    """The text fields and the photos that the browser keeps for this person."""
    chosen, asked = chosen_of(todos), st.query_params.get("step", "")
    if chosen is None:
        return [], []
    steps = [step for step in chosen.steps if step.verb == asked]
    notes, photos = ([key(chosen, step) for step in steps] for key in (step_form.note_key, step_form.photos_key))
    return [f"whistle_{chosen.id}", *notes], photos


def draw_rest(
    shown: int, count: int, last: backlog.Look, who: Principal, now: datetime, translate: Translate
) -> None:  # fmt: skip
    """How many cases lie beyond the list, and the button that marks everything as seen."""
    if shown < count:
        cards.show(pieces.note(translate("{count} more: choose a filter.").format(count=count - shown)))
    since = (
        translate("Last marked as seen: {time}").format(time=spans.moment_text(last.at, translate)) if last.at else ""
    )
    cards.show(pieces.note(since or translate("Nothing has been marked as seen yet")))
    what = translate("What changes after that is marked “Changed”.")
    if st.button(translate("Mark all as seen"), key="seen", help=what) and session.did(
        Action.MARK_SEEN, f"user {who.user_id}", backlog.seen, now
    ):
        st.rerun()
