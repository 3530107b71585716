"""What is said on the phone or in a group chat when a case is given to somebody: place, what, by when; no reporter."""

from datetime import datetime

from core import spans
from core.language import Translate


def message(number: str, title: str, where: str, due_at: datetime | None, translate: Translate) -> str:
    """Lines to be read out or pasted; the text of the report, which may name people, is not among them."""
    lines = [
        f"【{number}】{title}",
        translate("Place: {where}").format(where=where),
        translate("By: {moment}").format(moment=spans.moment_text(due_at, translate)) if due_at else "",
        translate("Please take it on and report when you arrive."),
    ]
    return "\n".join(line for line in lines if line)
