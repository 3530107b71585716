"""What happens in the demo street and in which words people say it: read from `data/demo/stories.toml`."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from core.cases.commands import Facts
from core.clock import local
from core.demo import names
from core.demo.ground import FOLDER, DemoSpot, Ground
from core.rules import Rules
from core.words import Source

ASKED_BACK = {Source.RESIDENT, Source.HOTLINE, Source.PHONE}  # somebody waits for an answer


@dataclass(frozen=True, slots=True)
class Story:
    """A category as it happens here: how often, where, when, and in which words."""

    category: str
    weight: float
    where: tuple[str, ...]
    hours: str
    season: str | None
    handled_in_grid: float  # share
    said: tuple[tuple[str, str], ...]
    sources: dict[Source, int]


@dataclass(frozen=True)
class Words:
    """All stories, and what people note at the end of a step."""

    stories: tuple[Story, ...]
    notes: dict[str, list[str]]


def words(rules: Rules) -> Words:
    """The stories of every category of `rules`."""
    rows = tomllib.loads((FOLDER / "stories.toml").read_text(encoding="utf-8"))
    return Words(tuple(_story(code, rows[code], rows, rules) for code in rules.categories), rows["notes"])


def _story(code: str, row: dict[str, Any], rows: dict[str, Any], rules: Rules) -> Story:
    sources = rows["sources"][rules.case_class(code)]
    return Story(
        category=code,
        weight=row["weight"],
        where=tuple(row["where"]),
        hours=row["hours"],
        season=row.get("season"),
        handled_in_grid=row["self"],
        said=tuple((title, text) for title, text in row["said"]),
        sources={Source(name): share for name, share in sources.items()},
    )


def facts(story: Story, ground: Ground, at: datetime, rng: Random) -> Facts:
    """A case of this story at `at`, with an invented reporter where somebody waits for an answer."""
    where = ground.pick(story.where, rng)
    lon, lat = where.near(rng)
    title, text = _said(story, where, rng)
    source = rng.choices(list(story.sources), list(story.sources.values()))[0]
    asked = source in ASKED_BACK
    return Facts(
        category=story.category,
        source=source,
        spot=where.spot,
        title=title,
        text=text,
        lon=lon,
        lat=lat,
        address=where.address,
        external_number=f"{local(at):%Y%m%d}{rng.randrange(10_000):04d}" if source is Source.HOTLINE else None,
        reporter_name=names.person(rng) if asked else "",
        reporter_phone=names.mobile(rng) if asked else "",
    )


def _said(story: Story, where: DemoSpot, rng: Random) -> tuple[str, str]:
    """Title and text with their gaps filled, so that both name the same door and floor."""
    title, text = rng.choice(story.said)
    head, _, tail = where.address.rpartition("幢")
    at_door = bool(head) and tail.endswith("单元")
    door = tail.removesuffix("单元") if at_door else str(rng.randint(1, 4))
    if at_door:
        text = text.replace("{at}{door}单元", "{at}")
    if text.removeprefix("{at}").startswith(where.address[-2:]):
        text = "{at}" + text.removeprefix("{at}" + where.address[-2:])
    gaps = {
        "at": where.address,
        "n": rng.randint(2, 9),
        "cm": rng.randint(5, 30),
        "floor": rng.randint(2, max(2, min(6, where.floors))),
        "door": door,
        "clock": rng.randint(8, 22),
    }
    return title.format(**gaps), text.format(**gaps)
