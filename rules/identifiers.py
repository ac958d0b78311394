"""Identifiers: NPI check digits, member ids as they are compared."""

from functools import lru_cache

_NPI_PREFIX_SUM = 24
"""What the card issuer's prefix 80840 adds to the Luhn sum of an NPI."""
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_NPI_LENGTH = 10


@lru_cache(maxsize=65_536)
def is_npi(text: str) -> bool:
    """Whether ``text`` is ten digits, the last of which checks the others (Luhn over 80840 and the NPI)."""
    if len(text) != _NPI_LENGTH or not (text.isascii() and text.isdigit()):
        return False
    digits = [int(character) for character in text]
    total = _NPI_PREFIX_SUM + sum(digits[1::2]) + sum(_DOUBLED[digit] for digit in digits[0::2])
    return total % 10 == 0


@lru_cache(maxsize=65_536)
def normalize_member_id(text: str) -> str:
    """A member id as it is looked up: upper case, without the spaces and hyphens that cards are printed with."""
    return text.replace(" ", "").replace("-", "").upper()
