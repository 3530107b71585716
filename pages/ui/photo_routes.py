"""The routes of photos and small maps: to who may see the case or the liaison, and to nobody else."""

from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core import clock, follower, rules, store
from core.cases import attachments, queries
from core.documents import clips
from core.documents.clips import Ground, Mark
from core.errors import NotFound, Refused
from core.liaisons import cards, lookup
from core.store import Store
from core.words import Permission, Severity
from pages.ui import session

KEPT = "private, max-age=3600"  # what is kept is never changed; an hour, so that a revoked right counts soon
MAP_PX, LETTERS = (900, 460), 1.45  # shown at about half its size


def photo(request: Request) -> Response:
    """A photo, or its small version; the same answer for what there is not and what may not be seen."""
    who = session.of_request(request, Permission.READ_CASES)
    if who is None:
        return Response(status_code=404)
    with store.current().reading() as db:
        found = attachments.photo_seen_by(
            db, who, request.path_params["id"], small=request.path_params["size"] == "small"
        )
    if found is None:
        return Response(status_code=404)
    return Response(found, media_type="image/jpeg", headers={"Cache-Control": KEPT})


def case_map(request: Request) -> Response:
    """Where a case is; the same answer for one without a point and one that may not be seen."""
    who = session.of_request(request, Permission.READ_CASES)
    if who is None:
        return Response(status_code=404)
    with store.current().reading() as db:
        case = queries.case_seen_by(db, who, request.path_params["id"])
    if case is None or case.lon is None or case.lat is None:
        return Response(status_code=404)
    return _answer(Mark(case.lon, case.lat, Severity(case.severity), case.address or case.title), frozenset())


def liaison_map(request: Request) -> Response:
    """The grids for which a liaison answers, with places that were asked for beyond them.

    The same answer for a liaison without any and one that may not be seen.
    """
    who = session.of_request(request, Permission.LOOK_UP)
    if who is None:
        return Response(status_code=404)
    with store.current().reading() as db:
        directory = lookup.directory(db, rules.current())
    ids = request.query_params.getlist("place")
    asked = [place for place in directory.places.values() if str(place.id) in ids]
    try:
        shown = cards.card(directory, who, request.path_params["id"], clock.now(), asked)
    except NotFound:
        return Response(status_code=404)
    tree = follower.current().board.tree
    held = frozenset(
        grid.id for place in (*shown.beyond, *shown.places) if place.id in tree.nodes for grid in tree.grids(place)
    )
    return _answer(None, held) if held else Response(status_code=404)


def _answer(mark: Mark | None, held: frozenset[int]) -> Response:
    try:
        picture = _picture(store.current(), follower.current().board.ground_version, mark, held)
    except Refused:  # no Chinese font here: the page says the address
        return Response(status_code=404)
    return Response(picture, media_type="image/png", headers={"Cache-Control": "private, no-cache"})


@lru_cache(maxsize=100)  # some 15 MB; drawing one takes a third of a second
def _picture(of: Store, ground_version: int, mark: Mark | None, held: frozenset[int]) -> bytes:
    return clips.clip(_ground(of, ground_version), [mark] if mark else [], MAP_PX, LETTERS, held)


@lru_cache(maxsize=1)
def _ground(of: Store, _version: int) -> Ground:
    """The ground as it lies since the places changed last."""
    with of.reading() as db:
        return clips.ground(db, clock.now())


ROUTES = [
    Route("/photos/{id:int}/{size}", photo),
    Route("/cases/{id:int}/map", case_map),
    Route("/liaisons/{id:int}/map", liaison_map),
]
