"""The page on promises says what the tables say."""

from pathlib import Path

from core.cases.diagram import regimes_table, steps_diagram, steps_table
from core.cases.step_table import STEPS
from tests.cast import RULES

PAGE = (Path(__file__).parents[1] / "docs" / "promises.md").read_text(encoding="utf-8")


def test_the_page_shows_the_steps_and_regimes_as_they_are() -> None:
    for drawn in (steps_diagram(), steps_table(), regimes_table(RULES)):
        assert drawn in PAGE


def test_the_diagram_leads_from_each_stage_by_each_step() -> None:
    arrows = steps_diagram().splitlines()[1:]
    assert len(arrows) == sum(len(step.before) for step in STEPS.values() if step.after)
    assert "    [*] --> reported: report" in arrows
    assert "    answered --> taken_on: rework" in arrows
