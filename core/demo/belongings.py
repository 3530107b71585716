"""What belongs to the demo's places: Party organisations, property companies, points of interest."""

from random import Random

from sqlmodel import Session, select

from core.demo.ground import features
from core.organisations import Organisation, PlaceOrganisation
from core.place_words import OrganisationKind, PointKind
from core.places import Place
from core.points import PointOfInterest
from core.words import GridKind, Level

COMPANIES = ("云汀和居物业", "晴川物业", "安畅物业服务", "北岸家园物业", "知春里物业")
SHARED = 9  # each so many-th grid shares the branch of the one before it
POINTS = {  # kind → kinds of spots it stands at, and each how many-th of them has one
    PointKind.STATION: (("village", "gate"), 26),
    PointKind.CAMERA: (("road", "market", "school"), 5),
    PointKind.HYDRANT: (("gate", "lane", "road"), 9),
}
NAMES = {PointKind.STATION: "党群服务站", PointKind.CAMERA: "摄像头", PointKind.HYDRANT: "消火栓"}


def furnish(db: Session, seed: int) -> None:
    """Write the organisations and points of the demo street, the same for the same seed."""
    above_buildings = select(Place).where(Place.level != Level.BUILDING).order_by(Place.code)
    places = list(db.exec(above_buildings))
    _organise(db, places, Random(f"organisations {seed}"))
    _put_points(db, {place.code: place for place in places})


def _organise(db: Session, places: list[Place], rng: Random) -> None:
    branch: Organisation | None = None
    grids = [place for place in places if place.level == Level.GRID]
    for place in places:
        if place.level != Level.GRID:
            name = f"{place.name}{'党工委' if place.level == Level.STREET else '党委'}"
            _bind(db, _party(Level(place.level), name, rng.randrange(60, 240)), place)
    for number, grid in enumerate(grids, 1):
        if branch is None or number % SHARED:
            branch = _party(Level.GRID, f"{grid.name}网格党支部", rng.randrange(8, 40))
        _bind(db, branch, grid)
        if grid.kind == GridKind.DEDICATED:
            _bind(db, _party(Level.GRID, f"{grid.name}业主党支部", rng.randrange(5, 20)), grid)
    companies = [Organisation(kind=OrganisationKind.PROPERTY, name=name, phone=_phone(n)) for n, name in _numbered()]
    for number, grid in enumerate(grid for grid in grids if grid.kind == GridKind.DEDICATED or rng.random() < 0.3):
        _bind(db, companies[number % len(companies)], grid)


def _numbered() -> list[tuple[int, str]]:
    return list(enumerate(COMPANIES, 1))


def _phone(number: int) -> str:
    """A phone under area code 0000, which does not exist."""
    return f"0000-66{number:02d}"


def _party(level: Level, name: str, members: int) -> Organisation:
    return Organisation(kind=OrganisationKind.PARTY, level=level, name=name, members=members)


def _bind(db: Session, organisation: Organisation, place: Place) -> None:
    db.add(organisation)
    db.flush()
    assert organisation.id is not None
    assert place.id is not None
    db.add(PlaceOrganisation(place_id=place.id, organisation_id=organisation.id))


def _put_points(db: Session, places: dict[str, Place]) -> None:
    spots = features("spots")
    for kind, (at, every) in POINTS.items():
        for number, spot in enumerate([s for s in spots if s["properties"]["kind"] in at][::every], 1):
            grid, (lon, lat) = places[spot["properties"]["grid_code"]], spot["geometry"]["coordinates"]
            assert grid.id is not None
            name = f"{grid.name}{NAMES[kind]}" if kind is PointKind.STATION else f"{NAMES[kind]} {number:03d}"
            db.add(PointOfInterest(kind=kind, name=name, grid_id=grid.id, lon=lon, lat=lat))
    db.flush()
