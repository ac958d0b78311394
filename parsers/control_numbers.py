"""Control numbers seen so far, to find one that comes twice."""


class ControlNumbers:
    """A set of control numbers that takes no memory for those that count up one by one, as nearly all do."""

    def __init__(self) -> None:
        self._width = 0
        """Digits of those that count up; 0 before the first."""
        self._first = self._last = 0
        self._others: set[str] = set()

    def is_new(self, number: str) -> bool:
        """Take note of ``number``; false when it has come before, written the same."""
        if number.isascii() and number.isdigit() and len(number) <= _DIGITS_MAX:
            return self._is_new_count(number, int(number))
        return self._is_new_other(number)

    def _is_new_count(self, number: str, value: int) -> bool:
        if len(number) == self._width:
            if value == self._last + 1 and number not in self._others:
                self._last = value
                return True
            return not self._first <= value <= self._last and self._is_new_other(number)
        if not self._width:
            self._width, self._first, self._last = len(number), value, value
            return True
        return self._is_new_other(number)

    def _is_new_other(self, number: str) -> bool:
        is_new = number not in self._others
        self._others.add(number)
        return is_new


_DIGITS_MAX = 9
"""Of any control number."""
