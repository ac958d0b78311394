"""The nearest tier: decoded facts in the process's own memory, the least recently used ones dropped."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from gateway.store.fact import Fact
from gateway.store.keys import Kind


class ProcessTier:
    """Facts by key, bounded in number."""

    def __init__(self, facts_max: int) -> None:
        self._facts: OrderedDict[str, Fact[Any]] = OrderedDict()
        self._facts_max = facts_max

    def __len__(self) -> int:
        return len(self._facts)

    def get(self, key: str) -> Fact[Any] | None:
        """The fact, which counts as used."""
        fact = self._facts.get(key)
        if fact is not None:
            self._facts.move_to_end(key)
        return fact

    def put(self, fact: Fact[Any]) -> None:
        """Keep a fact; the one that was used longest ago goes when there are too many."""
        self._facts[fact.key] = fact
        self._facts.move_to_end(fact.key)
        if len(self._facts) > self._facts_max:
            self._facts.popitem(last=False)

    def drop(self, keys: Iterable[str]) -> None:
        """Forget some facts."""
        for key in keys:
            self._facts.pop(key, None)

    def drop_kind(self, kind: Kind) -> None:
        """Forget all facts of a kind."""
        self.drop([fact.key for fact in self._facts.values() if fact.kind is kind])

    def clear(self) -> None:
        """Forget everything."""
        self._facts.clear()
