"""What users wrote, as plain text where Streamlit would read Markdown."""

import re

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=])")


def text(written: str) -> str:
    """`written` so that no mark in it is a link, an image, a formula or a heading, on one line."""
    return _MARKS.sub(r"\\\1", " ".join(written.split()))
