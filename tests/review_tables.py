"""Reads the tables of review cases (tests/cases/services_review/*.toml) and answers each, from X12 text to X12 text.

In a table a line with ``EV`` stands for the HL of the event, one with ``SS`` for that of a service.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from edi.delimiters import STANDARD
from edi.envelope import Address, Group, InterchangeHeader, write_interchange
from edi.services_review import ReviewRequest
from edi.services_review_answer import ReviewAnswer, ReviewRejection
from edi.writing import delimited
from edi.writing_278 import FUNCTIONAL_IDENTIFIER, GUIDE
from edi.writing_278_response import write_review_response
from parsers.frames import TransactionSet
from parsers.services_review import read_services_review
from rules.facts import Contract, Entitlement, Function, PayerProfile, Provider
from rules.facts.reviews import ReviewPolicy
from rules.facts.service_hours import DEFAULT_CALENDAR
from rules.reviews import (
    EarlierReview,
    Grant,
    Verdict,
    as_inquiry,
    conclude_review,
    coverage_for,
    decide_review,
    find_verdict_faults,
    identify_patient,
    permit_requester,
    refuse,
    refuse_closed,
    refuse_form,
    requester_of,
)
from rules.search import Identified
from rules.service_hours import status
from tests.case_tables import Book, look_up

FOLDER = Path(__file__).parent / "cases" / "services_review"
PROFILE = PayerProfile("HARBOR HEALTH PLAN", "PAYER01", "133333333")
_LEVELS = ("EV", "SS")
_WRITTEN_AT = datetime(2026, 6, 1, 9, 31, tzinfo=UTC)
_HEADER = (
    "ST*278*0001*005010X217",
    "BHT*0007*13*REV-1*20260601*0930",
    "HL*1**20*1",
    "NM1*X3*2*HARBOR HEALTH PLAN*****PI*PAYER01",
    "HL*2*1*21*1",
)


@dataclass(frozen=True)
class ReviewBook:
    """The facts of all tables: whoever is in it is on file."""

    contracts: tuple[Contract, ...] = ()
    providers: tuple[Provider, ...] = ()
    entitlements: tuple[Entitlement, ...] = ()
    policies: tuple[ReviewPolicy, ...] = ()


@dataclass(frozen=True)
class ReviewCase:
    """One row: what is asked, and what the answer is, tells or never says."""

    name: str
    asks: str
    moment: datetime
    patient: str
    requester: str
    plan: Mapping[str, Any]
    """What differs from the plan's own policy."""
    profile: PayerProfile
    earlier: EarlierReview | None
    verdict: Verdict | None
    """A reviewer's, after which the answer is another."""
    tells: str
    """Runs of segments that stand in the answer in this order, apart where ``...`` is between them."""
    never: tuple[str, ...]
    """No segment begins with one of these."""
    more_to_come: bool
    """BHT06."""


def read_tables() -> tuple[ReviewBook, list[ReviewCase]]:
    """The facts, and the cases of all tables."""
    book = msgspec.convert(tomllib.loads((FOLDER / "shared.toml").read_text()), ReviewBook)
    cases: list[ReviewCase] = []
    for path in sorted(FOLDER.glob("*.toml")):
        if path.stem != "shared":
            table = tomllib.loads(path.read_text())
            cases += [_case(row, table) for row in table["case"]]
    return book, cases


def _case(row: Mapping[str, Any], table: Mapping[str, Any]) -> ReviewCase:
    fields = {name: row.get(name, table.get(name)) for name in ReviewCase.__dataclass_fields__}
    assert not set(row) - set(fields), row["name"]
    defaults = {"plan": {}, "more_to_come": False, "tells": ""}
    return ReviewCase(
        **fields
        | {name: default for name, default in defaults.items() if fields[name] is None}
        | {"never": tuple(fields["never"] or ())}
        | {"profile": msgspec.convert({**msgspec.to_builtins(PROFILE), **(fields["profile"] or {})}, PayerProfile)}
        | {"earlier": msgspec.convert(fields["earlier"], EarlierReview | None)}
        | {"verdict": msgspec.convert(fields["verdict"], Verdict | None, str_keys=True)}
    )


def read_request(case: ReviewCase) -> ReviewRequest:
    """The request of a case."""
    lines = [*_HEADER, *_lines(case.requester)]
    for line in [*_lines(case.patient), *_lines(case.asks)]:
        if line.startswith("NM1*IL"):
            lines.append("HL*3*2*22*1")
        if line.startswith("NM1*QC"):
            lines.append("HL*4*3*23*1")
        lines.append(f"HL*9*9*{line}*1" if line in _LEVELS else line)
    segments = [line.split("*") for line in [*lines, "SE*0*0001"]]
    return read_services_review(TransactionSet(segments, [], 1, 0), STANDARD)


def answer(case: ReviewCase, book: ReviewBook) -> ReviewAnswer:
    """What is answered to a case, in the end by a reviewer where it has a verdict."""
    decided = answer_request(read_request(case), book, case.moment, case.profile, case.plan, case.earlier)
    if case.verdict is None:
        return decided
    assert find_verdict_faults(decided, case.verdict) == ()
    return conclude_review(decided, case.verdict, Grant("AUTH2", "ADMIN1", case.moment.date()))


def answer_request(
    request: ReviewRequest,
    book: ReviewBook,
    moment: datetime,
    profile: PayerProfile = PROFILE,
    plan: Mapping[str, Any] = MappingProxyType({}),
    earlier: EarlierReview | None = None,
) -> ReviewAnswer:
    """What is answered at once, with the book in the store's place and everything in the order of the gateway."""
    if not status(DEFAULT_CALENDAR, Function.PRECERTIFICATION, moment).open:
        return refuse_closed(request)
    refused = refuse_form(request)
    if refused is not None:
        return refused
    party = requester_of(request)
    permitted = permit_requester(request, _provider(book, party.identifier), book.entitlements, moment)
    if isinstance(permitted, ReviewRejection):
        return refuse(request, (permitted,))
    today = moment.date()
    contracts = look_up(as_inquiry(request, today), Book(book.contracts))
    identified = identify_patient(request, contracts, today, profile)
    if not isinstance(identified, Identified):
        return refuse(request, identified)
    coverage = coverage_for(request, identified, today)
    grant = Grant("AUTH1", "ADMIN1", today, None if coverage is None else coverage.end)
    policy = None
    if coverage is not None:
        own = next(policy for policy in book.policies if policy.plan_id == coverage.plan_id)
        policy = msgspec.convert({**msgspec.to_builtins(own), **plan}, ReviewPolicy)
    known = frozenset((known.qualifier, known.identifier) for each in book.providers for known in each.identifiers)
    return decide_review(
        request, identified, policy, permitted, grant, earlier=earlier, known_providers=known, trace="OURS-1"
    )


def _provider(book: ReviewBook, identifier: str) -> Provider | None:
    named = (each for each in book.providers if any(known.identifier == identifier for known in each.identifiers))
    return next(named, None)


def write(answered: ReviewAnswer) -> list[str]:
    """The composed segments of an answer."""
    return write_review_response(answered, control_number="0001", written_at=_WRITTEN_AT, trace_originator="9HARBORHP1")


def told(answered: ReviewAnswer) -> list[str]:
    """The segments of an answer from the payer's name on; an HL as the code of its level."""
    segments = delimited(write(answered)).decode().split("~")[:-1]
    return [line.split("*")[3] if line.startswith("HL*") else line for line in segments[2:]]


def interchange(answered: ReviewAnswer) -> str:
    """The whole response."""
    group = Group(FUNCTIONAL_IDENTIFIER, "PAYER01", "S-1", GUIDE, (write(answered),))
    header = InterchangeHeader(Address("ZZ", "PAYER01"), Address("ZZ", "S-1"), _WRITTEN_AT, 1)
    return write_interchange(header, (group,)).decode()


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
