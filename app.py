"""The ASGI application: `streamlit run app.py` and `uvicorn app:app` both start it."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from pages.ui.gate import Gate
from pages.ui.headers import SecurityHeaders
from pages.ui.live import lifespan
from pages.ui.routes import ROUTES, LiveLane
from pages.ui.turns import RunsNoticed

app = st.App(
    Path(__file__).parent / "pages" / "ui" / "shell.py",  # not beside pages/: there Streamlit would run unlisted pages
    routes=ROUTES,
    middleware=[Middleware(SecurityHeaders), Middleware(LiveLane), Middleware(RunsNoticed), Middleware(Gate)],
    lifespan=lifespan,
)
