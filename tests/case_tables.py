"""Reads the tables of cases (tests/cases/*.toml) and answers each by the rules, from X12 text to X12 text."""

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from edi.delimiters import STANDARD
from edi.eligibility import EligibilityAnswer, EligibilityInquiry, Rejection
from edi.envelope import Address, Group, InterchangeHeader, write_interchange
from edi.writing import delimited
from edi.writing_271 import FUNCTIONAL_IDENTIFIER, GUIDE, Header, write_eligibility_response
from parsers.eligibility import read_eligibility
from parsers.frames import TransactionSet
from rules.eligibility import decide, plans_needed
from rules.entitlement import permit
from rules.facts import Contract, Entitlement, Function, PayerProfile, Plan, Provider
from rules.members import reject
from rules.search import Identified, identify, searches
from rules.search_keys import filed_under

FOLDER = Path(__file__).parent / "cases"
_PROFILE = PayerProfile("MERIDIAN HEALTH", "99001", "133333333")
_PROVIDER = "NM1*1P*2*LAKESIDE CLINIC*****XX*1234567893"
_HEADER_SEGMENTS = 6
"""ST, BHT, and the HL and NM1 of the payer and the receiver, which every case has."""
_ANYTHING = "..."
_WRITTEN_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """One row: what is asked, and what the answer is, tells or never says."""

    name: str
    table: str
    asks: str
    today: datetime
    receiver: str
    function: Function
    profile: PayerProfile
    answers: str
    """The whole answer below the receiver; empty: not stated."""
    tells: str
    """Runs of segments that stand in the answer in this order, apart where ``...`` is between them."""
    never: tuple[str, ...]
    """No segment begins with one of these."""


@dataclass(frozen=True)
class Book:
    """The facts of one table: whoever is in it is on file."""

    contracts: tuple[Contract, ...] = ()
    plans: tuple[Plan, ...] = ()
    providers: tuple[Provider, ...] = ()
    entitlements: tuple[Entitlement, ...] = ()


def read_tables() -> tuple[dict[str, Book], list[Case]]:
    """Every table's facts by its name, and all cases. Plans and access are shared by all tables."""
    shared = _book(tomllib.loads((FOLDER / "shared.toml").read_text()))
    books, cases = {}, []
    for path in sorted(FOLDER.glob("*.toml")):
        if path.stem == "shared":
            continue
        table = tomllib.loads(path.read_text())
        own = _book(table)
        books[path.stem] = Book(
            own.contracts,
            shared.plans + own.plans,
            shared.providers + own.providers,
            shared.entitlements + own.entitlements,
        )
        cases += [_case(row, path.stem, table) for row in table["case"]]
    return books, cases


def _book(table: Mapping[str, Any]) -> Book:
    rows = {key: table[key] for key in ("contracts", "plans", "providers", "entitlements") if key in table}
    return msgspec.convert(rows, Book)


def _case(row: Mapping[str, Any], table: str, defaults: Mapping[str, Any]) -> Case:
    unknown = set(row) - {"name", "asks", "today", "receiver", "function", "profile", "answers", "tells", "never"}
    assert not unknown, f"{row['name']}: {unknown}"
    day = row.get("today", defaults["today"])
    moment = day if isinstance(day, datetime) else datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    settings = {**defaults.get("profile", {}), **row.get("profile", {})}
    return Case(
        name=row["name"],
        table=table,
        asks=row["asks"],
        today=moment,
        receiver=row.get("receiver", _PROVIDER),
        function=Function(row.get("function", "eligibility")),
        profile=msgspec.convert({**msgspec.to_builtins(_PROFILE), **settings}, PayerProfile),
        answers=row.get("answers", ""),
        tells=row.get("tells", ""),
        never=tuple(row.get("never", ())),
    )


def read_inquiry(asks: str, receiver: str = _PROVIDER) -> EligibilityInquiry:
    """The inquiry of a 270 whose patient's levels are ``asks``; a dependent's level begins with its ``NM1*03``."""
    text = ["ST*270*0001*005010X279A1", "BHT*0022*13*A1*20260101*1200", "HL*1**20*1", "NM1*PR*2*PAYER*****PI*99001"]
    text += ["HL*2*1*21*1", receiver]
    has_dependent = "NM1*03" in asks
    for line in _lines(asks):
        if line.startswith("NM1*IL"):
            text.append(f"HL*3*2*22*{1 if has_dependent else 0}")
        if line.startswith("NM1*03"):
            text.append("HL*4*3*23*0")
        text.append(line)
    segments = [line.split("*") for line in [*text, "SE*0*0001"]]
    (inquiry,) = read_eligibility(TransactionSet(segments, [], 1, 0), STANDARD).inquiries
    return inquiry


def answer(case: Case, book: Book) -> EligibilityAnswer:
    """What the rules answer, with the book in the store's place."""
    inquiry = read_inquiry(case.asks, case.receiver)
    party = inquiry.receiver
    named = [
        provider
        for provider in book.providers
        for known in provider.identifiers
        if (known.qualifier, known.identifier) == (party.identifier_qualifier, party.identifier)
    ]
    permitted = permit(party, named[0] if named else None, book.entitlements, case.function, case.today)
    if isinstance(permitted, Rejection):
        return reject(inquiry, (permitted,))
    today = case.today.date()
    found = identify(inquiry, look_up(inquiry, book), today, case.profile)
    if not isinstance(found, Identified):
        return reject(inquiry, found)
    by_id = {plan.plan_id: plan for plan in book.plans}
    plans = {plan_id: by_id[plan_id] for plan_id in plans_needed(found, inquiry, today)}
    return decide(inquiry, found, plans, today, case.profile, permitted)


def look_up(inquiry: EligibilityInquiry, book: Book) -> list[Contract]:
    """The contracts that the inquiry's searches lead to."""
    files = defaultdict(list)
    for contract in book.contracts:
        for key in filed_under(contract):
            files[key].append(contract)
    return [contract for key in searches(inquiry) for contract in files[key]]


def told(answer: EligibilityAnswer) -> list[str]:
    """The segments of an answer below the receiver's name, without the hierarchy and trace."""
    text = delimited(_segments(replace(answer, trace=""))).decode().split("~")[_HEADER_SEGMENTS:]
    return [line for line in map(str.strip, text) if line and not line.startswith(("HL*", "TRN*"))]


def interchange(answer: EligibilityAnswer) -> bytes:
    """The whole 271 of an answer."""
    group = Group(FUNCTIONAL_IDENTIFIER, "99001", "S-1", GUIDE, (_segments(replace(answer, trace="T1")),))
    return write_interchange(InterchangeHeader(Address("ZZ", "99001"), Address("ZZ", "S-1"), _WRITTEN_AT, 1), (group,))


def _segments(answer: EligibilityAnswer) -> list[str]:
    return write_eligibility_response([answer], Header("0001", "A1", "13", _WRITTEN_AT, "1133333333"))


def runs(tells: str) -> Iterator[list[str]]:
    """The runs of segments that ``...`` sets apart."""
    run: list[str] = []
    for line in [*_lines(tells), _ANYTHING]:
        if line != _ANYTHING:
            run.append(line)
        elif run:
            yield run
            run = []


def find_run(run: list[str], lines: list[str], start: int) -> int | None:
    """Where a run ends that begins at ``start`` or later; None when it isn't there."""
    for index in range(start, len(lines) - len(run) + 1):
        if lines[index : index + len(run)] == run:
            return index + len(run)
    return None


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
