"""The script of every run: who is here, and which pages there are for them."""

from base64 import b64encode

import streamlit as st

from core import follower, store
from pages.ui import navigation, session

# An icon by name would be fetched from a font host, and one by path would be media: closed to strangers, and looked
# for among the files of all sessions at the end of every run.
ICON = "data:image/png;base64," + b64encode((store.ROOT / "data" / "icon.png").read_bytes()).decode()
_ = session.text()
visit = session.visit()
TITLE = [_("Grid Command")] + [_("Demonstration data")] * follower.current().board.is_demo

# an icon is media, which is closed to strangers: the door shows the browser's own
st.set_page_config(page_title=" · ".join(TITLE), page_icon=ICON, layout="wide")
if visit is None:
    st.navigation(navigation.everywhere("sign_in", _("Sign in")), position="hidden").run()
elif visit.must_change:
    st.navigation(navigation.everywhere("new_password", _("New password")), position="hidden").run()
elif visit.is_device:
    st.navigation(navigation.everywhere(navigation.WALL.file, _(navigation.WALL.title)), position="hidden").run()
else:
    pages = navigation.pages_for(visit, _)
    page = st.navigation(pages, position="top")
    is_shut = navigation.is_shut(page, visit, _)
    if page.title == _(navigation.WALL.title) and not is_shut:
        navigation.draw_exit(pages)
    else:
        navigation.draw_identity(visit, page.title == pages[0].title, _)
        if navigation.is_on_foot(visit) or page.title == _(navigation.CASE.title):
            navigation.draw_bar(visit, pages, page.title, _)
    if is_shut:
        navigation.draw_shut(pages, _)
    else:
        page.run()
