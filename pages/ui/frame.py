"""What the light pages share: their frame, their style sheets, and how days and moments are written."""

import json
from datetime import date, datetime
from functools import cache

import streamlit as st

from core import clock, follower
from core.language import Translate
from pages.ui import pieces, plain, session, sheets
from pages.ui.style import LIGHT, SEVERITY, TABS, svg_uri

INKS = {"over": LIGHT.on_time, "soon": LIGHT.text_1}  # of the chips' icons


def page(title: str, note: str = "") -> None:
    """Begin a light page: style sheet, title, a quiet note such as since when it holds, and the demo's badge."""
    _ = session.text()
    st.html(style("light"))
    st.html(words(_))
    with st.container(key="page_head", horizontal=True, vertical_alignment="bottom", gap="small"):
        st.title(plain.text(title), anchor=False)
        if note:
            st.html(pieces.note(note))
        if follower.current().board.is_demo:
            st.html(pieces.demo_badge(_))


def words(translate: Translate) -> str:
    """Our words where Streamlit has only English ones, for the style sheet to write."""
    said = {
        "upload": translate("Choose a file"),
        "choose": translate("Choose"),
        "nothing": translate("Nothing found"),
        "working": translate("Updating …"),
        "broken": translate("Not available just now"),
        "year": translate("YYYY"),
        "month": translate("MM"),
        "day": translate("DD"),
        "wait": translate(
            "The server does not answer, or there is no such page. The connection is tried again by itself."
        ),
    }
    written = "".join(f"--{name}:{json.dumps(text, ensure_ascii=False)};" for name, text in said.items())
    return f"<style>:root{{{written}}}</style>"


@cache
def style(*names: str) -> str:
    """Style sheets of ours with the tokens of light pages, for `st.html`."""
    environment, clocks = sheets.environment("en"), sheets.icons(INKS, LIGHT.text_2)
    tabs = [(page, svg_uri(icon, (24, 24), LIGHT.text_1)) for page, icon in TABS.items()]
    drawn = [
        environment.get_template(f"{name}.css").render(t=LIGHT, severity=SEVERITY.values(), clocks=clocks, tabs=tabs)
        for name in ("tokens", *names)
    ]
    return f"<style>{''.join(drawn)}</style>"


def span(first: date, last: date | None, translate: Translate) -> str:
    """From a day to a day, or until further notice."""
    end = f"{last:%Y-%m-%d}" if last else translate("until further notice")
    return f"{first:%Y-%m-%d} — {end}"


def moment(at: datetime) -> str:
    """A moment on the street's own clock, wherever the browser is."""
    return f"{clock.local(at):%Y-%m-%d %H:%M:%S}"
