"""The door: sign-in for people, pairing for wall screens, and in a demo the list of who one may be."""

import streamlit as st

from core import clock, follower, store
from core.accounts import demo, sign_in
from core.captions import label
from pages.ui import cards, door, frame, pieces, plain, session

_ = session.text()


def enter(login: str) -> None:
    """Come in as one of the demo's people."""
    with session.explaining():
        now = clock.real_now()
        door.hand_off(sign_in.sign_in(store.current(), login, demo.PASSWORD, origin=session.origin(), now=now))


def words(account: demo.DemoAccount) -> str:
    """A demo person on a button."""
    return f"{_(label(account.role))} · {plain.text(account.name)}"


def draw_demo(accounts: list[demo.DemoAccount]) -> None:
    """One button for each role; everybody may know the password."""
    with st.container(key="demo_accounts"):
        cards.show(pieces.demo_badge(_), pieces.note(_("Everything here is invented. Enter as:")))
        with st.container(key="demo_people"):
            chosen = [account.login for account in accounts if st.button(words(account), key=f"demo_{account.login}")]
        for login in chosen:
            enter(login)
        with st.expander(_("Names and password of the demo")):
            names = "、".join(f"{_(label(account.role))} {account.login}" for account in accounts)
            st.text(_("Sign-in names: {names}").format(names=names))
            st.text(_("Password: {password}").format(password=demo.PASSWORD))


def draw_pairing() -> None:
    """Where a wall screen is given its code."""
    with st.expander(_("This is a wall screen")), st.form("pair", border=False):
        code = st.text_input(_("Pairing code"), key="pairing_code", max_chars=12, autocomplete="off")
        st.caption(_("An administrator makes the code; it holds for ten minutes."))
        if st.form_submit_button(_("Pair")):
            with session.explaining():
                now = clock.real_now()
                door.hand_off(sign_in.pair(store.current(), code, origin=session.origin(), now=now))


with store.current().reading() as db:
    accounts, is_empty = demo.accounts(db), store.is_empty(db)

st.html(frame.style("light", "door"))
st.html(frame.words(_))
root = follower.current().board.tree.root
with st.container(key="door"):
    cards.show(pieces.brand(root.name if root else _("Command centre of the street"), _("Grid Command")))
    with st.container(key="door_columns"):
        with st.container(key="door_form"):
            if is_empty:
                st.info(_("No places yet: load the demo or import your own."))
            door.sign_in_form(_)
            cards.show(pieces.note(_("Forgotten the password? An administrator of your street gives you a new one.")))
            draw_pairing()
        if accounts:
            draw_demo(accounts)
