"""Who wants to know where facts were found and what failed to answer."""

from enum import StrEnum
from typing import Protocol

from gateway.store.keys import Kind


class Tier(StrEnum):
    """Where a fact was found, nearest first."""

    PROCESS = "process"
    REDIS = "redis"
    DATABASE = "database"


class Dependency(StrEnum):
    """Whose failure is reported."""

    DATABASE = "database"
    REDIS = "redis"


class Observer(Protocol):
    """Is told on the event loop, once a look-up at the least; has to be quick and must not raise."""

    def found(self, kind: Kind, tier: Tier, facts: int) -> None:
        """So many facts of a kind were found in a tier."""

    def failed(self, dependency: Dependency) -> None:
        """A call was not answered, or not in time."""


class Unobserved:
    """For programs that count nothing."""

    def found(self, kind: Kind, tier: Tier, facts: int) -> None:
        """Nothing."""

    def failed(self, dependency: Dependency) -> None:
        """Nothing."""
