"""The routes of photos and of the small map of a case: to who may see the case, and to nobody else."""

from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core import clock, follower, store
from core.cases import attachments, queries
from core.documents import clips
from core.documents.clips import Ground, Mark
from core.errors import Refused
from core.store import Store
from core.words import Permission, Severity
from pages.ui import session

KEPT = "private, max-age=3600"  # what is kept is never changed; an hour, so that a revoked right counts soon
MAP_PX, LETTERS = (900, 460), 1.7  # shown at about half its size


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
    mark = Mark(case.lon, case.lat, Severity(case.severity), case.address or case.title)
    try:
        picture = _picture(store.current(), follower.current().board.ground_version, mark)
    except Refused:  # no Chinese font here: the page says the address
        return Response(status_code=404)
    return Response(picture, media_type="image/png", headers={"Cache-Control": "private, no-cache"})


@lru_cache(maxsize=100)  # some 15 MB; drawing one takes a third of a second
def _picture(of: Store, ground_version: int, mark: Mark) -> bytes:
    return clips.clip(_ground(of, ground_version), [mark], MAP_PX, LETTERS)


@lru_cache(maxsize=1)
def _ground(of: Store, _version: int) -> Ground:
    """The ground as it lies since the places changed last."""
    with of.reading() as db:
        return clips.ground(db, clock.now())


ROUTES = [Route("/photos/{id:int}/{size}", photo), Route("/cases/{id:int}/map", case_map)]
