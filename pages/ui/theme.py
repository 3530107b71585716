"""The theme in Streamlit's messages: worked out once, and not at every run of every viewer.

At the start of each run, also of a fragment, Streamlit tells the browser the whole theme, and looks up each part of it
among all its options: measured, a third of what a refresh of the wall cost. The options do not change while a server
runs. This relies on Streamlit's internals, which a test keeps.
"""

from collections.abc import Callable

from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

Populate = Callable[[CustomThemeConfig, str], None]


def told_once() -> None:
    """From now on, work out each section of the theme once; calling it again changes nothing."""
    if not isinstance(app_session._populate_theme_msg, Remembered):
        app_session._populate_theme_msg = Remembered(app_session._populate_theme_msg)


class Remembered:
    """Fills in a section of the theme as `populate` did the first time."""

    def __init__(self, populate: Populate) -> None:
        self._populate = populate
        self._sections: dict[str, CustomThemeConfig] = {}

    def __call__(self, msg: CustomThemeConfig, section: str = "theme") -> None:
        """Fill in `msg`, which is empty."""
        if section not in self._sections:
            kept = CustomThemeConfig()
            self._populate(kept, section)
            self._sections[section] = kept
        msg.MergeFrom(self._sections[section])
