"""Which screens there are, and whom each is for."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st
from markupsafe import Markup

from core import follower
from core.accounts.sessions import Visit
from core.captions import label
from core.language import N_, Translate
from core.words import Permission, Role
from pages.ui import cards, frame, pieces

PAGES = Path(__file__).parent.parent
ON_FOOT = (Role.GRID_HEAD, Role.SECRETARY, Role.LIAISON)
HOME = "home"  # the default page answers at the bare address only, so that its own is free for the page itself


@dataclass(frozen=True, slots=True)
class Screen:
    """A page: its file without the ending, which is its address too, its title, and the right it needs."""

    file: str
    title: str
    permission: Permission | None  # None: everybody who is signed in
    is_listed: bool = True  # in the navigation; what is not is reached by links
    tab: str = ""  # its short name in the bar of a phone, where it has a place

    def is_for(self, visit: Visit) -> bool:
        """Whether the page is open to this visit."""
        return self.permission is None or bool(visit.who.paths(self.permission))


WALL = Screen("wall", N_("Wall"), Permission.READ_WALL)
BACKLOG = Screen("backlog", N_("My backlog"), Permission.READ_CASES, tab=N_("To do"))
CASE = Screen("case", N_("Case file"), Permission.READ_CASES, is_listed=False)
ADMINISTRATION = Screen("administration", N_("People and screens"), Permission.ADMINISTER)
SCREENS = (
    WALL,
    Screen("duty", N_("Duty desk"), Permission.SIT_AT_DESK),
    BACKLOG,
    CASE,
    Screen("places", N_("Places"), Permission.READ_FIGURES, tab=N_("Map")),
    Screen("liaisons", N_("Who answers"), Permission.LOOK_UP, tab=N_("Contacts")),
    Screen("meetings", N_("Joint meetings"), Permission.READ_MEETINGS, tab=N_("Meetings")),
    ADMINISTRATION,
    Screen("points", N_("Points of interest"), Permission.ADMINISTER),
    Screen("audit", N_("Audit"), Permission.READ_AUDIT),
    Screen("account", N_("My account"), None, tab=N_("Me")),
)


def pages_for(visit: Visit, translate: Translate) -> list[st.Page]:
    """Every page at its address: what is not for this visit is not listed and says so in the page itself.

    Streamlit would answer an address without a page by an English dialog over another page. The first page answers at
    the bare address, and at its own.
    """
    first, *others = sorted(SCREENS, key=lambda screen: (not screen.is_for(visit), not _leads(screen, visit)))
    return [
        st.Page(_path(first), title=translate(first.title), url_path=HOME, default=True),
        st.Page(_path(first), title=translate(first.title), url_path=first.file, visibility="hidden"),
        *(_page(screen, translate, is_listed=screen.is_listed and screen.is_for(visit)) for screen in others),
    ]


def _leads(screen: Screen, visit: Visit) -> bool:
    """Whether a visit begins with a page: on foot with the backlog, else with the first there is."""
    is_administrator = any(grant.role is Role.ADMINISTRATOR for grant in visit.who.grants)
    return (screen is BACKLOG and is_on_foot(visit)) or (screen is ADMINISTRATION and is_administrator)


def is_on_foot(visit: Visit) -> bool:
    """Whether somebody works with a phone."""
    return any(grant.role in ON_FOOT for grant in visit.who.grants)


def _page(screen: Screen, translate: Translate, *, is_listed: bool) -> st.Page:
    visibility: Literal["visible", "hidden"] = "visible" if is_listed else "hidden"
    return st.Page(_path(screen), title=translate(screen.title), url_path=screen.file, visibility=visibility)


def is_shut(page: st.Page, visit: Visit, translate: Translate) -> bool:
    """Whether the page that was asked for is not open to this visit."""
    return any(page.title == translate(screen.title) and not screen.is_for(visit) for screen in SCREENS)


def draw_shut(pages: list[st.Page], translate: Translate) -> None:
    """In place of a page without the right to it: why, and a way on."""
    frame.page(translate("Not open to you"))
    words = translate("You have no right to this page. Choose another one above, or ask an administrator.")
    cards.show(pieces.empty(words, ""))
    with st.container(key="way_on"):
        st.page_link(pages[0], label=translate("Go to: {page}").format(page=pages[0].title))


def everywhere(file: str, title: str) -> list[st.Page]:
    """One page at every address there is, so that an address survives the sign-in."""
    path = PAGES / f"{file}.py"
    return [
        st.Page(path, title=title, url_path=HOME, default=True),
        *(st.Page(path, title=title, url_path=screen.file) for screen in SCREENS),
    ]


def draw_exit(pages: list[st.Page]) -> None:
    """The way from the wall, which hides everything of Streamlit's, to the other pages of a person."""
    st.html(frame.style("exit"))
    with st.container(key="exit", horizontal=True):
        for page in pages:
            if page.visibility == "visible" and page.url_path:
                st.page_link(page, label=page.title)


def draw_identity(visit: Visit, is_home: bool, translate: Translate) -> None:
    """Whose system this is, and who one is in it, beside the navigation; `is_home` marks the first page there."""
    root = follower.current().board.tree.root
    where = " · ".join(filter(None, (root.name if root else "", translate("Grid Command"))))
    grants = visit.who.grants
    role = translate(label(grants[0].role)) if grants else ""
    st.html(
        Markup('<div class="identity{}"><b>{}</b><span>{}</span></div>').format(
            " home" if is_home else "", where, f"{visit.who.name} · {role}" if role else visit.who.name
        )
    )


def draw_bar(visit: Visit, pages: list[st.Page], here: str, translate: Translate) -> None:
    """The screens of people on foot at the bottom of a phone; the style sheet hides it elsewhere.

    A case file belongs to the backlog, and has the bar for everybody: it is reached by links, and is left by the bar.
    """
    here = translate(BACKLOG.title) if here == translate(CASE.title) else here
    tabs = {translate(screen.title): screen for screen in SCREENS if screen.tab and screen.is_for(visit)}
    with st.container(key="bar"):
        for page in pages:
            if (screen := tabs.get(page.title)) and page.visibility == "visible":
                with st.container(key=f"{'here' if page.title == here else 'tab'}_{screen.file}"):
                    st.page_link(page, label=translate(screen.tab))


def _path(screen: Screen) -> Path:
    return PAGES / f"{screen.file}.py"
