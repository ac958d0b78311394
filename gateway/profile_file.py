"""What an operator switches in how answers are computed: a TOML file, tables ``eligibility`` and ``claim_status``.

Their keys are the fields of ``rules.facts.PayerProfile`` and ``rules.facts.claim_profile.ClaimStatusProfile``; a
payer's name and identifiers are settings of their own.

    [eligibility]
    months_back = 24
    disclaimer = "THIS IS NOT A GUARANTEE OF PAYMENT"

    [claim_status]
    not_found = "A4:35"
    combinations = [["claim number"], ["dates", "charge"]]
    contact = { name = "CLAIM SERVICES", phone = "8005550101" }
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec

from edi.claim_status_codes import InvalidStatusError, StatusCode, parse_status_code
from rules.facts import PayerProfile
from rules.facts.claim_profile import ClaimStatusProfile
from rules.facts.reviews import Outcome, ReviewPolicy, ReviewProfile
from rules.reviews import find_policy_problems

_ELIGIBILITY, _CLAIM_STATUS, _REVIEWS = "eligibility", "claim_status", "reviews"
_IDENTITY = ("name", "identifier", "tax_id", "identifier_qualifier")
_KEYS = {
    _ELIGIBILITY: frozenset(each.name for each in fields(PayerProfile)) - frozenset(_IDENTITY),
    _CLAIM_STATUS: frozenset(each.name for each in fields(ClaimStatusProfile)),
    _REVIEWS: frozenset(each.name for each in fields(ReviewProfile)),
}
_CLOSING = (Outcome.CONTACT_PAYER, Outcome.NOT_CERTIFIED)
"""What can be said to a review that nobody has looked at."""
_STATUS_CODES = frozenset(each.name for each in fields(ClaimStatusProfile) if isinstance(each.default, StatusCode))


def read_profiles(
    path: Path | None, name: str, identifier: str, tax_id: str
) -> tuple[PayerProfile, ClaimStatusProfile, ReviewProfile]:
    """The profiles of a payer: the defaults, but for what the file says.

    Raises:
        ValueError: the file cannot be used; the text is the mend.
    """
    tables = {} if path is None else _tables(path)
    identity = {"name": name, "identifier": identifier, "tax_id": tax_id}
    try:
        return (
            msgspec.convert(tables.get(_ELIGIBILITY, {}) | identity, PayerProfile),
            msgspec.convert(_with_status_codes(tables.get(_CLAIM_STATUS, {})), ClaimStatusProfile),
            _usable_in_reviews(msgspec.convert(tables.get(_REVIEWS, {}), ReviewProfile)),
        )
    except (msgspec.ValidationError, InvalidStatusError) as error:
        raise ValueError(f"put right what the file says: {error}") from None


def _usable_in_reviews(profile: ReviewProfile) -> ReviewProfile:
    """The same; a ValueError's text is what is wrong with it."""
    problems = find_policy_problems(ReviewPolicy("", otherwise=profile.close))
    if profile.close_outcome not in _CLOSING:
        raise ValueError(f"give one of {', '.join(_CLOSING)} as close_outcome")
    if problems:
        raise ValueError("put right how reviews are closed: " + "; ".join(each.fault for each in problems))
    return profile


def _with_status_codes(values: Mapping[str, Any]) -> dict[str, Any]:
    """Status codes are written as an STC has them, ``A4:35``."""
    return {
        name: msgspec.to_builtins(parse_status_code(value))
        if name in _STATUS_CODES and isinstance(value, str)
        else value
        for name, value in values.items()
    }


def usable_profile(text: str) -> Path:
    """The path of a profile file that can be used; a ValueError's text is the mend."""
    path = Path(text)
    profile, _, _ = read_profiles(path, "PAYER", "99999", "990000000")
    try:
        re.compile(profile.member_id_pattern)
    except re.error:
        raise ValueError("give a regular expression as member_id_pattern") from None
    return path


def _tables(path: Path) -> dict[str, dict[str, Any]]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"give a file that can be read ({error.strerror})") from None
    except ValueError:
        raise ValueError("give a file of TOML") from None
    for table, values in tables.items():
        if table not in _KEYS or not isinstance(values, dict):
            raise ValueError(f"give the tables {', '.join(_KEYS)}, not '{table}'")
        unknown = sorted(values.keys() - _KEYS[table])
        if unknown:
            raise ValueError(
                f"'{unknown[0]}' is not a key of [{table}]; give some of {', '.join(sorted(_KEYS[table]))}"
            )
    return tables
