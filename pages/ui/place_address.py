"""What a page about places shows, kept in its address: place, period, filters, figure, and what is open below it."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

import streamlit as st

from core.captions import label
from core.drill.asked import Filter, Period, period
from core.drill.opened import Asked
from core.language import Translate
from core.place_words import Figure, Grain, PointKind, Section, Span
from core.places import Node
from core.rules import Rules
from core.words import OPEN_STAGES, CaseClass, Permission, Severity, Source, Stage
from pages.ui import session

Word = TypeVar("Word", bound=StrEnum)


def wish(first: Node | None, today: date, rules: Rules) -> tuple[Asked, Span]:
    """What the address asks for, and the name of its period; what it does not say, or says wrongly, is as usual."""
    told, span = st.query_params, _word("span", Span) or Span.DAYS_30
    category, sector = told.get("category"), told.get("sector")
    only = Filter(
        _word("class", CaseClass),
        category if category in rules.categories else None,
        sector if sector in rules.sectors else None,
        _word("source", Source),
        _word("severity", Severity),
        _word("stage", Stage),
    )
    layers = tuple(kind for kind in PointKind if kind.value in told.get("layers", "").split("."))
    asked = Asked(
        told.get("place", first.code if first else ""), _days(today) or period(span, today), only,
        _word("figure", Figure) or Figure.OPEN, _word("show", Section),
        _word("step", Grain) or Grain.DAY, layers,
    )  # fmt: skip
    return asked, span


def link(code: str) -> str:
    """The address of another place with everything else as it is now."""
    return "?" + urlencode({**st.query_params.to_dict(), "place": code})


def _word(name: str, words: type[Word]) -> Word | None:
    asked = st.query_params.get(name)
    return words(asked) if asked in set(words) else None


def _days(today: date) -> Period | None:
    """A period by its first and last day, where the address has both in order."""
    try:
        first, last = (date.fromisoformat(st.query_params.get(name, "")) for name in ("from", "to"))
    except ValueError:
        return None
    return Period(first, min(last, today)) if first <= min(last, today) else None


@session.callback(Permission.READ_FIGURES)
def go(code: str) -> None:
    """Show another place."""
    st.query_params["place"] = code
    st.session_state["places_search"] = ""


@session.callback(Permission.READ_FIGURES)
def home() -> None:
    """Show the first place of this person, today's, with nothing filtered."""
    st.query_params.clear()


def choose(name: str, value: str) -> None:
    """Put a choice into the address."""
    st.query_params[name] = value


@session.callback(Permission.READ_FIGURES)
def keep(name: str) -> None:
    """Put what was chosen into the address; nothing chosen leaves it."""
    chosen = st.session_state[f"places_{name}"]
    if name == "span":
        for day in ("from", "to"):
            st.query_params.pop(day, None)
    if isinstance(chosen, list | tuple):
        chosen = ".".join(chosen)
    if chosen:
        st.query_params[name] = str(chosen)
    else:
        st.query_params.pop(name, None)


@session.callback(Permission.READ_FIGURES)
def keep_days() -> None:
    """Put a period by its days into the address, once both are chosen."""
    chosen = st.session_state["places_days"]
    if len(chosen) == 2:
        st.query_params["from"], st.query_params["to"] = (day.isoformat() for day in chosen)


def draw_filters(asked: Asked, span: Span, rules: Rules, today: date, translate: Translate) -> None:
    """Period and filters behind one button that says what they are."""
    told, between = asked.told, asked.period
    count = sum(value is not None for value in (told.case_class, told.category, told.sector, told.source))
    count += (told.severity is not None) + (told.stage is not None)
    name = translate(label(span)) if period(span, today) == between else translate("Chosen days")
    form = "%m-%d" if between.first.year == today.year else "%Y-%m-%d"
    days = f"{between.first:{form}} — {between.last:{form}}"
    with st.popover(" · ".join([name, days, translate("Filters") + (f" {count}" if count else "")]), key="filters"):
        _choose("span", translate("Period"), list(Span), span, translate)
        st.date_input(
            translate("Days"),
            (between.first, between.last),
            max_value=today,
            key="places_days",
            on_change=keep_days,
            format="YYYY-MM-DD",
        )
        _choose("class", translate("Class"), list(CaseClass), told.case_class, translate)
        named = {code: row.name for code, row in rules.categories.items()}
        _choose("category", translate("Category"), list(named), told.category, translate, named)
        sectors = {code: row.name for code, row in rules.sectors.items()}
        _choose("sector", translate("Sector"), list(sectors), told.sector, translate, sectors)
        _choose("source", translate("Source"), list(Source), told.source, translate)
        _choose("severity", translate("Severity"), list(Severity), told.severity, translate)
        _choose("stage", translate("Stage (open cases only)"), list(OPEN_STAGES), told.stage, translate)


def _choose(
    name: str, title: str, options: Sequence[str], chosen: str | None, translate: Translate,
    named: dict[str, str] | None = None,
) -> None:  # fmt: skip
    def say(option: str) -> str:
        return named[option] if named else translate(label(option))  # type: ignore[arg-type]

    st.selectbox(
        title, options, options.index(chosen) if chosen else None, say, key=f"places_{name}", on_change=keep,
        args=[name], placeholder=translate("All"),
    )  # fmt: skip


def draw_sections(shown: Section, is_building: bool, translate: Translate) -> None:
    """What is open beside the map; nothing lies below a building."""
    st.segmented_control(
        translate("Show"), [one for one in Section if not is_building or one is not Section.CHILDREN], default=shown,
        format_func=lambda one: translate(label(one)), key="places_show", on_change=keep, args=["show"],
        label_visibility="collapsed", required=True,
    )  # fmt: skip


def draw_nowhere(translate: Translate) -> None:
    """What is said where the address names no place of this person."""
    st.info(translate("There is no such place at the end of this period, or it is not yours."))
    st.button(translate("Back to my place"), key="places_back", on_click=home)
