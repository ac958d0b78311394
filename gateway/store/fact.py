"""A fact as it is handed out, and as the tiers behind the process hold it."""

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from gateway.store.documents import decode
from gateway.store.keys import Kind, kind_of

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Fact(Generic[T_co]):
    """What a look-up by one key gave, and the version that an answer resting on it has to name."""

    key: str = field(repr=False)
    version: int
    """0: nothing has ever been there."""
    value: T_co = field(repr=False)
    kind: Kind


@dataclass(frozen=True, slots=True)
class Stored:
    """A fact as bytes."""

    key: str = field(repr=False)
    version: int
    document: bytes = field(repr=False)
    """JSON."""

    def fact(self) -> Fact[Any]:
        """The typed value.

        Raises:
            UnreadableDocument: it is not of the type that its key's kind has.
        """
        kind = kind_of(self.key)
        return Fact(self.key, self.version, decode(kind, self.document), kind)
