"""The demo world in one transaction: an invented street with a year behind it."""

from datetime import datetime

from core import rules, store
from core.accounts.demo import open_accounts
from core.cases import bulk
from core.clock import local
from core.demo import belongings, cast, ground, history, liaisons, meetings, population, stories
from core.demo.author import Author
from core.errors import Refused
from core.language import N_
from core.store import Store

SEED = 13710


def load_demo(target: Store, now: datetime, seed: int = SEED) -> int:
    """Fill an empty, migrated store with the demo street and its last year; the same seed and `now` give the same rows.

    Units: aware UTC.
    Returns: the number of cases.
    Raises: Refused, when something is already in the store.
    """
    with target.writing() as db:
        if not store.is_empty(db):
            raise Refused(N_("The demo is loaded into an empty store only, and this one holds places already"))
        store.remember(db, "is_demo", "yes")
        store.remember(db, "basemap", "data/demo/basemap.geojson")
        population.settle(db, local(now).date(), seed)
        belongings.furnish(db, seed)
        open_accounts(db, now)
        current = rules.current()
        liaisons.found(db, now, seed)
        author = Author(cast.cast(db, local(now).date()), stories.words(current), current)
        drafts = history.drafts(author, ground.ground(db, now, seed), now, seed)
        count = bulk.write(db, drafts, current)
        meetings.hold(db, now, current)
        return count
