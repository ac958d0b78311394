"""What a 271 can tell: checks that coverage and plan documents go through when they are read.

Texts are not among them: names, addresses and messages are told as far as an element can hold them (``edi.texts``).
"""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from edi.errors import CallerError
from edi.texts import mark

AMOUNT_MAX = Decimal("1e13")
"""In US dollars or units: with two decimals within the 15 digits of X12 data element 380."""
_SHARE_DECIMALS_MAX = 6
_CENT = Decimal("0.01")
_ZERO = Decimal(0)
_EARLIEST = date(1800, 1, 1)
"""Before it X12 dates are taken for mistakes (pyx12)."""


class UntellableFact(CallerError, ValueError):  # noqa: N818 - named by what is wrong, as edi.errors
    """A document that no 271 could tell. A ValueError too, so that a stored one of that kind counts as unreadable.

    The value itself is not told.
    """


def check_code(name: str, code: str, codes: Collection[str]) -> None:
    """Refuse what is none of the codes that the guide allows."""
    if code not in codes:
        raise UntellableFact(f"{name} is not one of the guide's codes")


def check_identifier(name: str, text: str, length_min: int, length_max: int) -> None:
    """Refuse an identifier that no element could hold whole: it is told as it is or not at all."""
    if not length_min <= len(text) <= length_max or mark(text) != text:
        raise UntellableFact(f"{name} has {length_min} to {length_max} characters, all of which X12 can hold")


def check_amount(name: str, amount: Decimal) -> None:
    """Refuse what is no sum of money or quantity: from zero on, with at most two decimals."""
    if not (amount.is_finite() and _ZERO <= amount < AMOUNT_MAX and not amount % _CENT):
        raise UntellableFact(f"{name} is from 0 to less than {AMOUNT_MAX:f} and has at most two decimals")


def check_used(name: str, amount: Decimal) -> None:
    """Refuse what cannot be subtracted from an amount; less than nothing may have been used, after a correction."""
    if not (amount.is_finite() and -AMOUNT_MAX < amount < AMOUNT_MAX and not amount % _CENT):
        raise UntellableFact(f"{name} is less than {AMOUNT_MAX:f} and has at most two decimals")


def check_share(name: str, share: Decimal) -> None:
    """Refuse what is no fraction."""
    if not (share.is_finite() and 0 <= share <= 1 and share == round(share, _SHARE_DECIMALS_MAX)):
        raise UntellableFact(f"{name} is from 0 to 1 and has at most {_SHARE_DECIMALS_MAX} decimals")


def check_days(**days: date | None) -> None:
    """Refuse days that X12 readers take for mistakes."""
    for name, day in days.items():
        if day is not None and day < _EARLIEST:
            raise UntellableFact(f"{name} is before {_EARLIEST}")


def check_count(name: str, values: Collection[object], count_max: int) -> None:
    """Refuse more than a loop can hold."""
    if len(values) > count_max:
        raise UntellableFact(f"there are at most {count_max} {name}")
