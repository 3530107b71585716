"""My account: what I am appointed to, my password, and the way out."""

import streamlit as st

from core import store
from core.accounts import sign_in, staff
from core.captions import label
from pages.ui import cards, frame, password_form, pieces, session

visit = session.signed_in()
_ = session.text()


@session.callback(None)
def leave(*, everywhere: bool) -> None:
    """End this session, or all of mine."""
    here = session.signed_in()
    with store.current().writing() as db:
        sign_in.sign_out(db, here, session.asker(), everywhere=everywhere)


def post(one: staff.Held) -> tuple[str, list[str]]:
    """An appointment: as what, and where and since when."""
    where = " · ".join(filter(None, (one.place, one.unit)))
    return _(label(one.role)), [where, _("From {span}").format(span=frame.span(one.from_on, one.to_on, _))]


# load
with store.current().reading() as db:
    held = staff.held_by(db, visit.who.user_id)

# draw
frame.page(_("My account"), visit.who.name)
about, change = st.columns([2, 3], gap="large")
with about:
    cards.show(pieces.heading(_("Appointments")), *(pieces.lines(*post(one)) for one in held))
    with st.container(horizontal=True, gap="small"):
        st.button(_("Sign out"), key="sign_out", on_click=leave, kwargs={"everywhere": False})
        st.button(_("Sign out everywhere"), key="sign_out_all", on_click=leave, kwargs={"everywhere": True})
with change:
    cards.show(pieces.heading(_("Change password")))
    password_form.draw(_)
