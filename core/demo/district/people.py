"""How many live in each building: by its floor area, brought to the street's exact number of residents."""

import random

from core.demo.district.plan import RESIDENTS
from core.demo.district.site import Footprint, Numbering, Use

FLAT_M2 = 136.0  # gross floor area per occupied flat
VILLAGE_HOME_M2 = 118.0
OVER_SHOP_M2 = 260.0


def households(house: Footprint) -> int:
    """How many households live in a building."""
    area = house.shape.area
    if house.numbering is Numbering.DOOR and house.use is Use.RESIDENTIAL:
        return max(1, round(area * house.floors / VILLAGE_HOME_M2))
    if house.use is Use.RESIDENTIAL:
        return max(1, round(area * house.floors / FLAT_M2))
    if house.numbering is Numbering.ROAD and house.use is Use.COMMERCIAL and house.floors > 2:
        return round(area * (house.floors - 2) / OVER_SHOP_M2)
    return 0


def residents(homes: list[int], rng: random.Random) -> list[int]:
    """Residents of each building: about in proportion to its households, and the street's number in all."""
    weights = [home * rng.uniform(0.88, 1.12) for home in homes]
    scale = RESIDENTS / sum(weights)
    exact = [weight * scale for weight in weights]
    counts = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: (counts[index] - exact[index], index))
    for index in by_remainder[: RESIDENTS - sum(counts)]:
        counts[index] += 1
    return counts
