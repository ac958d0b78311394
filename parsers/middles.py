"""Middles of transaction sets that came before: providers ask about the same patient in the same words again and again.

What differs each time a question is asked are the envelope, ST, BHT, TRN and SE. All that stands between is the same
text; it has been split before, and has matched its part of a shape (``parsers.shapes``). Both hold for the same text
again, so that only what differs is still to be judged.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

MIDDLES_MAX = 4_096
"""Kept by one process; one takes about 8 kB."""
MIDDLE_CHARACTERS_MAX = 4_096
"""Longer ones come again too seldom to be kept."""

Key = tuple[str, str, str | None]
"""The delimiters with the line break after each segment, the text before the first TRN, and that after it, if any."""


@dataclass(slots=True, eq=False)
class Middle:
    """What stands between BHT and SE, without the first TRN. Nobody changes its lists: they are shared."""

    key: Key = field(repr=False)
    before: list[list[str]] = field(repr=False)
    """Segments before the first TRN, split."""
    after: list[list[str]] = field(repr=False)
    raw_before: list[str] = field(repr=False)
    """The same as text."""
    raw_after: list[str] = field(repr=False)
    shapes: object = field(default=None, repr=False)
    """Among whose shapes it has fitted one, None while it has not."""
    test: Callable[[str], object] | None = field(default=None, repr=False)
    """Of what differs each time, by that shape: if it matches, the whole is clean."""
    trace_index: int | None = field(init=False)
    """Where in the transaction set the TRN stands, the ST having index 0; None where there is none."""

    def __post_init__(self) -> None:
        self.trace_index = None if self.key[2] is None else len(self.before) + 2


class Middles:
    """The middles of one process that are clean, those not seen for longest forgotten first."""

    def __init__(self, middles_max: int = MIDDLES_MAX) -> None:
        self._middles: OrderedDict[Key, Middle] = OrderedDict()
        self._middles_max = middles_max

    def find(self, key: Key) -> Middle | None:
        """The middle with these texts, None when it is not known."""
        middle = self._middles.get(key)
        if middle is not None:
            self._middles.move_to_end(key)
        return middle

    def keep(self, middle: Middle) -> None:
        """Remember a middle."""
        if sum(map(len, middle.raw_before)) + sum(map(len, middle.raw_after)) > MIDDLE_CHARACTERS_MAX:
            return
        self._middles[middle.key] = middle
        if len(self._middles) > self._middles_max:
            self._middles.popitem(last=False)


KNOWN = Middles()
