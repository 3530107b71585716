"""The script of every run: who is here, which pages there are for them."""

from pathlib import Path

import streamlit as st

from pages.ui import session

PAGES = Path(__file__).parent.parent
ICON = PAGES.parent / "data" / "icon.png"  # a file of ours: an icon by name would be fetched from a font host
_ = session.text()

st.set_page_config(page_title=_("Grid Command"), page_icon=ICON, layout="wide")
st.navigation([st.Page(PAGES / "wall.py", title=_("Wall"), default=True)], position="hidden").run()
