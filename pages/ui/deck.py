"""A pydeck map as Streamlit sends it, serialised once, and the data with which its layers are filled."""

import json
import re
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

    def filled(self, data: "Data") -> "FrozenDeck":
        """This deck with the data in the place of its blanks."""
        deck, texts = copy(self), asdict(data)
        deck._json = FILLED.sub(lambda found: texts[found[1]], self._json)
        return deck


@dataclass(frozen=True, slots=True)
class Data:
    """What the layers of one version show, each as JSON: an address, or the rows themselves."""

    areas: str
    roads: str
    outside: str
    streets: str
    atlas: str
    atlas_mapping: str
    grids: str
    frames: str
    labels: str
    fresh: str
    mild: str
    grave: str
    marks: str


NAMES = [field.name for field in fields(Data)]
BLANKS = Data(**{name: f"<{name}>" for name in NAMES})
FILLED = re.compile(f'"<({"|".join(NAMES)})>"')
