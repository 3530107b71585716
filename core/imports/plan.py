"""What an import would do: a plan to look at before anything is written."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
import shapely

from core.coordinates import Points
from core.imports.mapping import Mapping

T = TypeVar("T")
MOST_OUTSIDE = 0.05


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to say about one row."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two areas that both claim some ground.

    Units: square metres.
    """

    one: str
    other: str
    area_m2: float


@dataclass(frozen=True, slots=True)
class Border:
    """A row that several grids claim: the first by code leads, the others are kept as candidates."""

    where: str
    lead: str
    others: tuple[str, ...]


@dataclass
class Plan(Generic[T]):
    """The rows to take, those not to take and why, and what somebody should look at."""

    read: int
    taken: list[T] = field(default_factory=list)
    refused: list[Remark] = field(default_factory=list)
    left_out: list[Remark] = field(default_factory=list)  # with good reason: already here, or after the last moment
    repaired: list[Remark] = field(default_factory=list)
    overlaps: list[Overlap] = field(default_factory=list)
    border: list[Border] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def reasons(self) -> Counter[str]:
        """How often each reason left a row out or refused it, without what is particular to the row."""
        return Counter(remark.what.split(":")[0] for remark in (*self.refused, *self.left_out))


def extent_warning(points: Points, mapping: Mapping) -> list[str]:
    """A warning when more than 5 % of `points` lie outside the extent that the mapping declares.

    Units: WGS84.
    """
    if not len(points):
        return []
    inside = shapely.contains_xy(shapely.box(*mapping.extent), points[:, 0], points[:, 1])
    outside = int(np.count_nonzero(~inside))
    if outside <= MOST_OUTSIDE * len(points):
        return []
    return [
        f"{outside} of {len(points)} points ({outside / len(points):.1%}) lie outside the declared extent: "
        f"is {mapping.coordinate_system} the right coordinate system?"
    ]
