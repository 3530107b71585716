"""The theme told from memory is the theme that Streamlit would have told."""

from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

from pages.ui.theme import Remembered, told_once

SECTIONS = ("theme", "theme.light", "theme.dark", "theme.sidebar", "theme.light.sidebar", "theme.dark.sidebar")


def test_every_section_is_told_from_memory_as_streamlit_tells_it() -> None:
    told = app_session._populate_theme_msg
    plain = told._populate if isinstance(told, Remembered) else told
    remembered = Remembered(plain)
    for section in SECTIONS * 2:
        expected, found = CustomThemeConfig(), CustomThemeConfig()
        plain(expected, section)
        remembered(found, section)
        assert found == expected
    whole = CustomThemeConfig()
    plain(whole, "theme")
    assert whole.primary_color == "#0A6B75"


def test_streamlit_asks_the_memory_and_works_each_section_out_once() -> None:
    told_once()
    told_once()
    told = app_session._populate_theme_msg
    assert isinstance(told, Remembered)
    assert not isinstance(told._populate, Remembered)
