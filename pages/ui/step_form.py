"""The form of a step: it asks for what the table of steps says the step needs, and for nothing else.

Through a reload the browser keeps the note and the photos (`pages.ui.drafts`), the address whatever is chosen.
"""

from collections.abc import Sequence

import streamlit as st

from core import clock, rules
from core.captions import label
from core.cases import taking
from core.cases.attachments import PHOTO_OF
from core.cases.backlog import Todo
from core.cases.step_table import Need, Step
from core.cases.taking import HandedIn
from core.language import Translate
from core.units import Unit
from core.words import Action, Verb
from pages.ui import drafts, plain, session

SAID = "step_said"  # what the last step led to: shown once after the page has been loaded anew
AGO = (0, 10, 30, 60, 120, 240)  # minutes since it happened
VERBS_WITHOUT_TIME = frozenset({Verb.DISPATCH, Verb.CORRECT, Verb.MERGE})


def note_key(todo: Todo, step: Step) -> str:
    """The key of the text field of a step; the case is in it, so that no text slips to another case."""
    return f"note_{todo.id}_{step.verb}"


def photos_key(todo: Todo, step: Step) -> str:
    """The key of the photos of a step."""
    return f"photos_{todo.id}_{step.verb}"


def asks_nothing(step: Step) -> bool:
    """Whether one tap is enough."""
    return not step.needs


def take(todo: Todo, step: Step, said: HandedIn | None = None) -> None:
    """Hand a step in, and show the page as it is after it; a repeated tap has the same key and does nothing."""
    said = said or HandedIn(step.verb, key_of(todo, step), seen_version=todo.case.version)
    subject = f"case {todo.number}"
    _ = session.text()
    if session.act(Action.TAKE_STEP, subject, taking.hand_in, todo.id, said, rules.current(), now=clock.now()) is None:
        return
    drafts.forget(note_key(todo, step), photos_key(todo, step))
    st.session_state[SAID] = _("{title}: {step}").format(title=todo.title, step=_(label(step.verb)))
    st.query_params.pop("step", None)
    st.rerun()


def tell() -> None:
    """What the last step led to."""
    if SAID in st.session_state:
        st.success(plain.text(st.session_state.pop(SAID)))


def key_of(todo: Todo, step: Step) -> str:
    """The same for every repetition of a tap on a case as it was shown."""
    return f"{todo.id}-{todo.case.version}-{step.verb}"


def draw(todo: Todo, step: Step, units: Sequence[Unit], translate: Translate) -> None:
    """The fields of a step and the button that hands it in."""
    with st.container(key="step_form", gap="small"):
        note = _note(todo, step, translate)
        unit = _unit(todo, units, translate) if Need.UNIT in step.needs else None
        hours = _hours(todo, translate) if Need.HOURS in step.needs else None
        other = _other(translate) if Need.CASE in step.needs else ""
        category = _category(todo, translate) if Need.FACTS in step.needs else None
        ago = _ago(step, translate)
        photos = _photos(todo, step, translate)
        if st.button(translate(label(step.verb)), key="hand_in", type="primary", width="stretch"):
            said = HandedIn(
                step.verb, key_of(todo, step), note, unit, hours, other, category, ago, photos, todo.case.version
            )
            take(todo, step, said)


def _note(todo: Todo, step: Step, translate: Translate) -> str:
    words = translate("Note") if Need.NOTE in step.needs else translate("Note (may stay empty)")
    return st.text_area(words, key=note_key(todo, step), max_chars=400, height=100)


def _other(translate: Translate) -> str:
    return st.text_input(translate("Number of the other case"), key="other", bind="query-params")


def _unit(todo: Todo, units: Sequence[Unit], translate: Translate) -> int | None:
    """The units, those of the category's sector first."""
    sector = rules.current().categories[todo.case.category].sector
    ordered = sorted(units, key=lambda unit: (unit.sector != sector, unit.name))
    chosen = st.selectbox(translate("Unit"), ordered, 0, lambda unit: unit.name, key="unit", bind="query-params")
    return chosen.id if chosen else None


def _hours(todo: Todo, translate: Translate) -> float:
    return st.number_input(
        translate("Hours"), 1.0, 24.0 * 366, 24.0, 1.0, key="hours", format="%.0f", bind="query-params"
    )  # fmt: skip


def _category(todo: Todo, translate: Translate) -> str | None:
    known = rules.current().categories
    codes = [code for code in known if code != todo.case.category]
    return st.selectbox(
        translate("Category"), codes, None, lambda code: known[code].name, key="category", bind="query-params"
    )  # fmt: skip


def _ago(step: Step, translate: Translate) -> int:
    """When it happened, by a tap."""
    if step.verb in VERBS_WITHOUT_TIME:
        return 0
    words = {0: translate("Just now"), **{m: translate("{} min ago").format(m) for m in AGO if 0 < m < 60}}
    words |= {m: translate("{} h ago").format(m // 60) for m in AGO if m >= 60}
    chosen = st.pills(
        translate("When it happened"), AGO, default=0, required=True, format_func=words.__getitem__, key="ago",
        bind="query-params",
    )  # fmt: skip
    return chosen or 0


def _photos(todo: Todo, step: Step, translate: Translate) -> tuple[bytes, ...]:
    kind = PHOTO_OF.get(step.verb)
    if kind is None:
        return ()
    words = translate("Photos: {kind} (may stay empty)").format(kind=translate(label(kind)))
    found = st.file_uploader(words, ["jpg", "jpeg", "png", "webp"], True, key=photos_key(todo, step))
    return tuple(file.getvalue() for file in found or ())
