"""Places in the words that offices write, such as 全街道 or 黄河社区1、3网格: read, and written the same way."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.places import Node
from core.spelling import folded
from core.words import Level

WHOLE_STREET = frozenset({"全街道", "街道全域", "全辖区", "全域", "本街道", "整个街道"})
WHOLE_COMMUNITY = frozenset({"全社区", "全部网格", "所有网格"})
NUMERALS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
APART = re.compile(r"[、,，;；/\s]+|(?<=格)[和及与](?=.)")
GAPS = re.compile(r"(?<=\D)\s+(?=[第\d])|(?<=\d)\s+(?=网?格)")  # within what is one part
NUMBERED = re.compile(
    r"(?P<name>.*?)第?(?P<first>\d+|[一二三四五六七八九十])(?:[-—~至到]+第?(?P<last>\d+))?号?(?:网格|格)?"
)


@dataclass(frozen=True, slots=True)
class Read:
    """The places that were understood, and the parts that were not."""

    places: tuple[Node, ...]
    unread: tuple[str, ...] = ()


def read(words: str, places: Sequence[Node]) -> Read:
    """The places that `words` name, each once; a number without a community belongs to the community before it.

    A part is not understood when it names nothing, or more than one place.
    """
    known, found, unread = _Known(places), dict[int, Node](), list[str]()
    community: Node | None = None
    for part in filter(None, APART.split(GAPS.sub("", words.strip()))):
        named = known.named(folded(part), community)
        if not named:
            unread.append(part)
            continue
        found |= {node.id: node for node in named}
        if named[0].level is not Level.STREET:
            community = named[0] if named[0].level is Level.COMMUNITY else known.above(named[0])
    return Read(tuple(found.values()), tuple(unread))


def written(places: Iterable[Node], known: Sequence[Node]) -> str:
    """The words for some places, which `read` understands."""
    by_id = {node.id: node for node in known}
    numbers: dict[int, list[int]] = {}
    parts: list[str] = []
    for node in sorted(places, key=lambda node: node.code):
        if node.level is Level.GRID and node.parent_id in by_id:
            numbers.setdefault(node.parent_id, []).append(int(node.code[-3:]))
        else:
            parts.append("全街道" if node.level is Level.STREET else node.name)
    parts += [f"{by_id[one].name}{'、'.join(map(str, grids))}网格" for one, grids in numbers.items()]
    return "，".join(parts)


class _Known:
    """Places by name and by number."""

    def __init__(self, places: Sequence[Node]) -> None:
        self._by_id = {node.id: node for node in places}
        self._names: dict[str, list[Node]] = {}
        for node in places:
            short = re.sub("(社区|网格)$", "", folded(node.name))
            for name in {folded(node.name), short}:
                self._names.setdefault(name, []).append(node)

    def above(self, node: Node) -> Node | None:
        return self._by_id.get(node.parent_id or 0)

    def named(self, part: str, community: Node | None) -> list[Node]:
        """The places of one part; none when it is not understood."""
        if part in WHOLE_STREET:
            return [node for node in self._by_id.values() if node.level is Level.STREET]
        if part in WHOLE_COMMUNITY:
            return [community] if community else []
        if part.endswith("全社区"):
            part = part.removesuffix("全社区")
        return self._one(part, community) or self._numbered(part, community)

    def _one(self, name: str, community: Node | None) -> list[Node]:
        """The place of a name; of several the one in the community spoken of."""
        found = self._names.get(name) or self._names.get(name.removesuffix("网格")) or []
        near = [node for node in found if community and node.path.startswith(community.path) and node != community]
        found = near if len(found) > 1 and near else found
        return found if len(found) == 1 else []

    def _numbered(self, part: str, community: Node | None) -> list[Node]:
        match = NUMBERED.fullmatch(part)
        if match is None:
            return []
        if match["name"]:
            community = next((n for n in self._one(match["name"], None) if n.level is Level.COMMUNITY), None)
        first = NUMERALS.get(match["first"]) or int(match["first"])
        wanted = range(first, int(match["last"] or first) + 1)
        grids = {
            int(node.code[-3:]): node
            for node in self._by_id.values()
            if community and node.level is Level.GRID and node.parent_id == community.id
        }
        return [grids[number] for number in wanted] if wanted and all(number in grids for number in wanted) else []
