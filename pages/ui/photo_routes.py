"""The route of photos: to who may see the case, and to nobody else."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core import store
from core.cases import attachments
from core.words import Permission
from pages.ui import session

KEPT = "private, max-age=3600"  # what is kept is never changed; an hour, so that a revoked right counts soon


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


ROUTES = [Route("/photos/{id:int}/{size}", photo)]
