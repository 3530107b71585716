"""Results kept by key for all viewers of the process."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Ready:
    """HTML that `st.html` takes as it is: it looks through a bare string for a file's name and for indentation."""

    html: str

    def _repr_html_(self) -> str:
        return self.html


class Kept(Generic[Key, Result]):
    """The last few results. Viewers wake together: one of them builds, the others wait for it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._results: OrderedDict[Key, Result] = OrderedDict()
        self._lock = Lock()

    def of(self, key: Key, build: Callable[[], Result]) -> Result:
        """What `build` returned for `key`, or returns now."""
        with self._lock:
            if key not in self._results:
                self._results[key] = build()
                if len(self._results) > self._most:
                    self._results.popitem(last=False)
            return self._results[key]

    def find(self, matches: Callable[[Result], bool]) -> Result | None:
        """The first result that `matches`."""
        with self._lock:
            return next(filter(matches, self._results.values()), None)
