"""Reads the tables of settlement cases (tests/cases/claim_settlement/*.toml) and applies their files to held claims."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from edi.claim_status_codes import parse_status_code
from rules.claims.search import filed_under
from rules.claims.settlement import settle
from rules.claims.settlement_codes import SETTLEMENT_CODES
from rules.claims.settlement_search import (
    SettlementObstacle,
    Telling,
    find_settled,
    named,
    settlement_searches,
)
from rules.facts.claims import Claim, StatusEvent
from tests.settlement_support import Check, acknowledgment, read, remittance

FOLDER = Path(__file__).parent / "cases" / "claim_settlement"
_SHARED = "shared"
_TODAY = date(2026, 11, 21)
_NOTHING = "-"


@dataclass(frozen=True)
class Case:
    """One row: held claims, files that are loaded one after another, and what has become of the first claim."""

    name: str
    table: str
    claims: tuple[Claim, ...]
    files: tuple[bytes, ...]
    events: tuple[str, ...] | None
    """The history behind that of the held claim; None: not stated."""
    lines: tuple[tuple[str, ...], ...] | None
    number: str
    """Of the claim in the end; empty: not stated."""
    former: tuple[str, ...]
    obstacles: tuple[SettlementObstacle, ...]


def read_tables() -> list[Case]:
    """All cases."""
    shared = tomllib.loads((FOLDER / f"{_SHARED}.toml").read_text())
    claims = {claim["claim_number"]: _claim(claim) for claim in shared["claims"]}
    cases = []
    for path in sorted(FOLDER.glob("*.toml")):
        rows = [] if path.stem == _SHARED else tomllib.loads(path.read_text())["case"]
        cases += [_case(row, path.stem, claims) for row in rows]
    return cases


def _case(row: Mapping[str, Any], table: str, claims: Mapping[str, Claim]) -> Case:
    unknown = set(row) - {"name", "claims", "file", "events", "lines", "number", "former", "obstacles"}
    assert not unknown, f"{row['name']}: {unknown}"
    return Case(
        row["name"],
        table,
        tuple(claims[number] for number in row.get("claims", ["CN-1"])),
        tuple(_file(file) for file in row["file"]),
        tuple(row["events"]) if "events" in row else None,
        tuple(map(tuple, row["lines"])) if "lines" in row else None,
        row.get("number", ""),
        tuple(row.get("former", ())),
        tuple(SettlementObstacle[name.upper()] for name in row.get("obstacles", ())),
    )


def _file(row: Mapping[str, str]) -> bytes:
    rest = {name: value for name, value in row.items() if name not in ("remits", "acknowledges")}
    if "acknowledges" in row:
        return acknowledgment(row["acknowledges"], **rest)
    after = rest.pop("after", "")
    assert set(rest) <= {each.name for each in fields(Check)}, rest
    return remittance(row["remits"], Check(**rest), after)


def _claim(row: Mapping[str, Any]) -> Claim:
    """A claim from its row: days and status codes are written short there."""
    day = row.get("day", date(2026, 9, 1))
    document = {
        "claim_id": f"K-{row['claim_number']}",
        "billing_tin": "990000001",
        "subscriber_id": "W100000001",
        "patient_number": "01",
        "events": [_event_of(event) for event in row["events"]],
        **{key: value for key, value in row.items() if key not in ("day", "events", "lines")},
        "dates": {"first": day, "last": day},
        "lines": [{**line, "events": [_event_of(each) for each in line.get("events", ())]} for line in row["lines"]],
    }
    return msgspec.convert(document, Claim)


def _event_of(text: str) -> dict[str, Any]:
    """The event of a held claim, ``20260903 A2:20``."""
    day, codes = text.split(" ", 1)
    told = [msgspec.to_builtins(parse_status_code(code)) for code in codes.split("+")]
    return {"effective": f"{day[:4]}-{day[4:6]}-{day[6:]}", "codes": told}


@dataclass(frozen=True)
class Outcome:
    """What has become of the held claims."""

    claims: tuple[Claim, ...]
    obstacles: tuple[SettlementObstacle, ...]


def apply(case: Case) -> Outcome:
    """Load the files of a case one after another, with its claims in the store's place."""
    held = list(case.claims)
    obstacles = [each for telling in read(*case.files) for each in _apply(telling, held)]
    return Outcome(tuple(held), tuple(obstacles))


def _apply(telling: Telling, held: list[Claim]) -> Sequence[SettlementObstacle]:
    """As gateway.store.claim_settlement does it; gives what stood in the way."""

    def settled(claim: Claim) -> Claim | SettlementObstacle:
        return settle(claim, telling, SETTLEMENT_CODES.current(), _TODAY)

    name = named(telling)
    wanted = set(settlement_searches(name, [name.tin] if name.tin else []))
    candidates = [each for each in held if wanted & filed_under(each)]
    claim = find_settled(name, candidates, lambda each: settled(each) is each)
    if isinstance(claim, SettlementObstacle):
        return [claim]
    outcome = settled(claim)
    if isinstance(outcome, SettlementObstacle):
        return [outcome]
    held[held.index(claim)] = outcome
    return []


def told(event: StatusEvent) -> str:
    """An event as the tables write it: day, codes, paid, day and number of the payment."""
    parts = (
        f"{event.effective:%Y%m%d}",
        "+".join(map(str, event.codes)),
        _NOTHING if event.paid is None else f"{event.paid.normalize():f}",
        _NOTHING if event.payment_date is None else f"{event.payment_date:%Y%m%d}",
        event.payment_number or _NOTHING,
    )
    return " ".join(parts)
