"""A pydeck map as Streamlit sends it, serialised once, and the addresses from which its layers load."""

import json
from copy import copy
from dataclasses import asdict, dataclass, fields

import pydeck as pdk


class FrozenDeck:
    """What `st.pydeck_chart` reads of a Deck, serialised once; relies on Streamlit's internals, which a test keeps."""

    mapbox_key = None
    layers = None

    def __init__(self, deck: pdk.Deck, tooltip: dict[str, str] | None = None) -> None:
        self._tooltip = tooltip
        self._json = json.dumps(json.loads(deck.to_json()), ensure_ascii=False, separators=(",", ":"))

    def to_json(self) -> str:
        """The deck as Streamlit sends it."""
        return self._json

    def filled(self, urls: "Urls") -> "FrozenDeck":
        """This deck with addresses in the place of their blanks."""
        deck = copy(self)
        for name, url in asdict(urls).items():
            deck._json = deck._json.replace(json.dumps(BLANK.format(name)), json.dumps(url))
        return deck


@dataclass(frozen=True, slots=True)
class Urls:
    """Where the layers of one version are found."""

    areas: str
    roads: str
    outside: str
    atlas: str
    atlas_mapping: str
    grids: str
    labels: str
    cases: str
    streets: str


BLANK = "<{}>"
BLANKS = Urls(**{field.name: BLANK.format(field.name) for field in fields(Urls)})
