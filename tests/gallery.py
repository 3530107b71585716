"""Every component of the light pages on one page; `streamlit run tests/gallery.py` shows it."""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[1]))  # when Streamlit runs this file alone

from core.language import translator
from core.words import ClockState, Role, Severity, Stage
from pages.ui import cards, frame, pieces

NOW = datetime(2025, 11, 22, 6, 32, 10, tzinfo=UTC)
HOSTILE = '<img src=x onerror="alert(1)"> & "引号" [链接](javascript:1)'
MINUTES = {ClockState.RUNNING: 340, ClockState.DUE_SOON: 18, ClockState.OVERDUE: -51}
_ = translator("zh_CN")


@dataclass(frozen=True)
class Sample:
    """A case as a card sees it."""

    number: str
    title: str
    severity: Severity
    clock: ClockState | None
    due_at: datetime | None


def sample(severity: Severity, state: ClockState | None, title: str = "临街广告牌松动坠落隐患") -> Sample:
    """A case with a clock in the state asked for."""
    due = NOW + timedelta(minutes=MINUTES[state]) if state in MINUTES else None
    return Sample("2511-00387", title, severity, state, due)


def draw() -> None:
    """Everything there is."""
    st.html(frame.style("light"))
    st.html(frame.words(_))
    st.title("部件", anchor=False)
    cards.show(
        pieces.demo_badge(_),
        pieces.trail(["云汀街道", "文昌社区", "石桥", HOSTILE], _),
        pieces.person("黎云萍", _, role=Role.GRID_HEAD, phone="138 0000 2071"),
        pieces.person(HOSTILE, _, role="供电所值班"),
    )
    with cards.card("first"):
        cards.show(
            pieces.case_card(
                sample(Severity.RED, ClockState.OVERDUE), NOW, _, stage=Stage.ON_SITE, where="中山路 188 号 · 430 米"
            )
        )
        with st.container(horizontal=True, gap="small"):
            st.button("到场签到", type="primary", width="stretch")
            st.button("导航")
            st.button("电话")
    cards.show(pieces.heading("今天到期", 3, "按到期时间排序"))
    with cards.rows("all"):
        for state in (*ClockState, None):
            for severity in Severity:
                key = f"{severity}_{state}"
                if cards.case_row(
                    sample(severity, state), NOW, _, key=key, where="书院巷 14 号弄口 · 320 米", next_step="到场核实"
                ):
                    st.session_state["pressed"] = key
        cards.case_row(sample(Severity.BLUE, None, HOSTILE), NOW, _, key="hostile", where=HOSTILE, chosen=True)
    cards.show(*(pieces.stage_line(stage, _) for stage in Stage))
    cards.figures(
        pieces.figure("按时办结率", pieces.share(412, 428), "按时办结 ÷ 应办结；本月", _, parts=(412, 428)),
        pieces.figure("满意率", pieces.share(0, 0), "满意 ÷ 有效回访", _, parts=(0, 0), note="本月还没有回访"),
        pieces.figure("处置中位时长", "3.1 小时", "派遣到处置完毕，取中位数", _, note="样本 57 件"),
        pieces.figure("未结案件", pieces.number(12345), "受理未办结", _),
    )
    cards.show(pieces.heading("等待中", 0), pieces.empty("没有等待中的案件", "挂账和等回复的案件会列在这里。"))


draw()
