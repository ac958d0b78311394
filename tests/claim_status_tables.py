"""Reads the tables of claim status cases (tests/cases/claim_status/*.toml) and answers each, from 276 to 277 text."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec

from edi.claim_status import ClaimInquiry, ClaimStatusAnswer
from edi.claim_status_codes import parse_status_code
from edi.claim_status_list import STATUS_CODES
from edi.delimiters import STANDARD
from edi.writing import delimited
from edi.writing_277 import write_claim_status_response
from parsers.claim_status import read_claim_status
from parsers.frames import TransactionSet
from rules.claims.access import ClaimAccess, check_payer, permit_claims, provider_asked
from rules.claims.obstacles import Obstacle, stop
from rules.claims.patients import Patient, identify_patient, member_searches
from rules.claims.search import ClaimSearch, claim_searches, filed_under
from rules.claims.status import Mode, decide
from rules.facts import Contract, Entitlement, PayerProfile, Provider
from rules.facts.claim_profile import ClaimStatusProfile
from rules.facts.claims import Claim
from rules.search_keys import filed_under as members_filed_under

FOLDER = Path(__file__).parent / "cases" / "claim_status"
_SHARED = "shared"
_PAYER = PayerProfile("PAYER", "99001", "990000000")
_KEYS = {
    "name",
    "asks",
    "patient",
    "provider",
    "payer",
    "today",
    "mode",
    "profile",
    "obstacle",
    "stc",
    "tells",
    "never",
}


@dataclass(frozen=True)
class Book:
    """The facts of one table."""

    contracts: tuple[Contract, ...]
    providers: tuple[Provider, ...]
    entitlements: tuple[Entitlement, ...]
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Case:
    """One row: what is asked, and what the answer says or never says."""

    name: str
    table: str
    asks: str
    """The segments of the claim's loop after its TRN, or all of them with their TRN."""
    patient: str
    provider: str
    payer: str
    moment: datetime
    mode: Mode
    profile: ClaimStatusProfile
    obstacle: Obstacle | None
    """What happened before anything could be decided."""
    stc: tuple[str, ...]
    """Every STC of the answer without its identifier, in order."""
    tells: tuple[str, ...]
    """Segments that stand in the answer in this order, others between them perhaps."""
    never: tuple[str, ...]
    """No segment begins with one of these."""


def read_tables() -> tuple[dict[str, Book], list[Case]]:
    """Every table's facts by its name, and all cases. Members and access are shared by all tables."""
    shared = tomllib.loads((FOLDER / f"{_SHARED}.toml").read_text())
    books, cases = {}, []
    for path in sorted(FOLDER.glob("*.toml")):
        if path.stem == _SHARED:
            continue
        table = tomllib.loads(path.read_text())
        rows = {key: [*shared.get(key, []), *table.get(key, [])] for key in ("contracts", "providers", "entitlements")}
        rows["claims"] = [_claim(row) for row in table.get("claims", [])]
        books[path.stem] = msgspec.convert(rows, Book)
        cases += [_case(row, path.stem, {**shared["defaults"], **table.get("defaults", {})}) for row in table["case"]]
    return books, cases


def _claim(row: Mapping[str, Any]) -> dict[str, Any]:
    """A claim's document from its row: days and status codes are written short there."""
    claim = {"claim_id": f"K-{row['claim_number']}", **row, "dates": _period(row["dates"])}
    claim["events"] = [_event(event) for event in row["events"]]
    claim["lines"] = [
        {
            **line,
            "dates": _period(line["dates"]) if "dates" in line else None,
            "events": [_event(event) for event in line.get("events", [])],
        }
        for line in row.get("lines", [])
    ]
    return claim


def _event(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "codes": [msgspec.to_builtins(parse_status_code(code)) for code in row["codes"].split()]}


def _period(days: date | list[date]) -> dict[str, date]:
    first, last = days if isinstance(days, list) else (days, days)
    return {"first": first, "last": last}


def _case(row: Mapping[str, Any], table: str, defaults: Mapping[str, Any]) -> Case:
    assert set(row) <= _KEYS, f"{row['name']}: {set(row) - _KEYS}"
    row = {**defaults, **row}
    settings = {**defaults.get("profile", {}), **row.get("profile", {})}
    for key, value in settings.items():
        if isinstance(value, str):
            settings[key] = parse_status_code(value)
    day = row["today"]
    return Case(
        name=row["name"],
        table=table,
        asks=row.get("asks", ""),
        patient=row["patient"],
        provider=row["provider"],
        payer=row["payer"],
        moment=day if isinstance(day, datetime) else datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
        mode=Mode(row["mode"]),
        profile=msgspec.convert({**_fields(ClaimStatusProfile()), **settings}, ClaimStatusProfile, strict=False),
        obstacle=Obstacle[row["obstacle"].upper().replace(" ", "_")] if "obstacle" in row else None,
        stc=tuple(row["stc"]),
        tells=tuple(row.get("tells", ())),
        never=tuple(row.get("never", ())),
    )


def _fields(profile: ClaimStatusProfile) -> dict[str, Any]:
    return {name: getattr(profile, name) for name in ClaimStatusProfile.__dataclass_fields__}


def read_inquiry(case: Case) -> ClaimInquiry:
    """The inquiry of a 276; a dependent's level begins with the DMG after the subscriber's NM1."""
    text = ["ST*276*0001*005010X212", "BHT*0010*13*A1*20260601*1200", "HL*1**20*1", case.payer]
    text += ["HL*2*1*21*1", "NM1*41*2*EXCHANGE*****46*S-1", "HL*3*2*19*1", *_lines(case.provider)]
    patient, claim = _lines(case.patient), _lines(case.asks)
    level = next(index for index, line in enumerate(patient) if line.startswith("NM1*IL")) + 1
    has_dependent = len(patient) > level
    text += [f"HL*4*3*22*{1 if has_dependent else 0}", *patient[:level]]
    if has_dependent:
        text += ["HL*5*4*23", *patient[level:]]
    text += claim if claim[:1] and claim[0].startswith("TRN") else ["TRN*1*T-1", *claim]
    segments = [line.split("*") for line in [*text, "SE*0*0001"]]
    (inquiry,) = read_claim_status(TransactionSet(segments, [], 1, 0), STANDARD).inquiries
    return inquiry


def answer(case: Case, book: Book) -> ClaimStatusAnswer:
    """What the rules answer, with the book in the store's place."""
    inquiry = read_inquiry(case)
    if case.obstacle is not None:
        return stop(inquiry, case.obstacle, case.moment.date())
    return decide_inquiry(inquiry, book, _PAYER, case.profile, case.mode, case.moment)


def decide_inquiry(
    inquiry: ClaimInquiry,
    book: Book,
    payer: PayerProfile,
    profile: ClaimStatusProfile,
    mode: Mode,
    moment: datetime,
) -> ClaimStatusAnswer:
    """The answer, in the order of the steps that the gateway keeps."""
    today = moment.date()
    for_another = check_payer(inquiry, payer)
    if for_another is not None:
        return stop(inquiry, for_another, today)
    asked = provider_asked(inquiry)
    provider = next((each for each in book.providers if _is_named(each, asked)), None)
    access = permit_claims(inquiry, provider, book.entitlements, moment)
    if not isinstance(access, ClaimAccess):
        return stop(inquiry, access, today)
    wanted = set(member_searches(inquiry))
    contracts = [contract for contract in book.contracts if wanted & members_filed_under(contract)]
    patient = identify_patient(inquiry, contracts, profile)
    if not isinstance(patient, Patient):
        return stop(inquiry, patient, today)
    claims = _found(claim_searches(inquiry, patient, access, today, profile), book)
    return decide(inquiry, patient, claims, access, today, profile, mode)


def _is_named(provider: Provider, asked: Any) -> bool:
    return (asked.identifier_qualifier, asked.identifier) in {(i.qualifier, i.identifier) for i in provider.identifiers}


def _found(searches: Iterable[ClaimSearch], book: Book) -> list[Claim]:
    """The claims that searches lead to; one that several of them find comes several times."""
    files = defaultdict(list)
    for claim in book.claims:
        for key in filed_under(claim):
            files[key].append(claim)
    return [claim for key in searches for claim in files[key]]


def told(case: Case, answer: ClaimStatusAnswer) -> list[str]:
    """The segments of an answer, without the hierarchy."""
    segments = write_claim_status_response([answer], control_number="0001", reference="A1", written_at=case.moment)
    text = delimited(segments).decode().split("~")[:-1]
    return [line for line in text if not line.startswith("HL*")]


def wants_entity(status: str) -> bool:
    """Whether the list that is carried has a status code speak of an entity."""
    return "_" in STATUS_CODES.carried().meanings[status]


def stand_in_order(tells: tuple[str, ...], lines: list[str]) -> bool:
    """Whether all segments stand among the lines, in this order."""
    rest = iter(lines)
    return all(wanted in rest for wanted in tells)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
