"""Nothing but the form in which a temporary password is replaced by one's own."""

import streamlit as st

from pages.ui import frame, password_form, session

session.signed_in()
_ = session.text()

st.html(frame.style("light", "door"))
with st.container(key="door"):
    brand = _("Your own password")
    st.html(f'<h1 class="brand">{brand}</h1>')
    st.caption(_("The password you were given was for once. Choose your own before you go on."))
    password_form.draw(_)
