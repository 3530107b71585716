"""Nothing but the form in which a temporary password is replaced by one's own."""

import streamlit as st

from pages.ui import cards, frame, password_form, pieces, session

session.signed_in()
_ = session.text()

st.html(frame.style("light", "door"))
st.html(frame.words(_))
with st.container(key="door"):
    cards.show(pieces.brand(_("Your own password")))
    st.caption(_("The password you were given was for once. Choose your own before you go on."))
    password_form.draw(_)
