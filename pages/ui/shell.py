"""The script of every run: who is here, which pages there are for them."""

from pathlib import Path

import streamlit as st

from core import follower
from pages.ui import session

PAGES = Path(__file__).parent.parent
ICON = PAGES.parent / "data" / "icon.png"  # a file of ours: an icon by name would be fetched from a font host
_ = session.text()
TITLE = [_("Grid Command")] + [_("Demonstration data")] * follower.current().board.is_demo

st.set_page_config(page_title=" · ".join(TITLE), page_icon=ICON, layout="wide")
st.navigation([st.Page(PAGES / "wall.py", title=_("Wall"), default=True)], position="hidden").run()
