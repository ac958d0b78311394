"""Results that are worked out once for an immutable document and used for all who share it."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class IdentityMemo(Generic[V]):
    """A bounded memo for functions of large frozen values, which are known by identity because hashing them is slow.

    An entry keeps its owners alive, so that no other value can get their identity while it is here. The oldest entry
    goes first.
    """

    def __init__(self, entries_max: int) -> None:
        self._entries: dict[Hashable, tuple[tuple[object, ...], V]] = {}
        self._entries_max = entries_max

    def get(self, owners: tuple[object, ...], key: Hashable, make: Callable[[], V]) -> V:
        """The result for ``owners`` and ``key``, made when it is not there yet."""
        identity = (*map(id, owners), key)
        entry = self._entries.get(identity)
        if entry is not None:
            return entry[1]
        value = make()
        while len(self._entries) >= self._entries_max:
            del self._entries[next(iter(self._entries))]
        self._entries[identity] = (owners, value)
        return value
