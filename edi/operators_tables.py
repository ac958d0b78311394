"""Tables that are data with a version, so that an operator can have another in their place."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class OperatorsTable(Generic[T]):
    """One such table, for a whole process."""

    def __init__(self, read_carried: Callable[[], T]) -> None:
        """``read_carried``: gives the table that holds as long as no other is named; called once, when it is needed."""
        self._read_carried = read_carried
        self._carried: T | None = None
        self._named: T | None = None

    def carried(self) -> T:
        """The table of this program's own."""
        if self._carried is None:
            self._carried = self._read_carried()
        return self._carried

    def current(self) -> T:
        """The table that holds now."""
        return self.carried() if self._named is None else self._named

    def use(self, table: T | None) -> None:
        """Go by another table from now on; None: by the program's own."""
        self._named = table
