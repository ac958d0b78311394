"""Made-up 834 files, and the tables of enrolling cases (tests/cases/enrolling/*.toml)."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from edi.enrollment import MemberEnrollment
from parsers.enrollments import GUIDES, OUTLINE, EnrollmentReader
from parsers.filing import EnvelopeFaults, Filing, Part
from rules.facts import Contract, Coverage

FOLDER = Path(__file__).parent / "cases" / "enrolling"
(GUIDE,) = GUIDES


def enrollment_set(members: str, action: str = "2", header: str = "", number: str = "0001") -> str:
    """A set in one line; ``members`` and ``header`` (REF, DTP of the header) have a segment a line or end each in ~."""
    body = (
        f"ST*834*{number}*{GUIDE}~BGN*00*ENROLL-1*20260401*1200****{action}~{_joined(header)}"
        f"N1*P5*ACME*FI*999888777~N1*IN*EXAMPLE HEALTH PLAN*FI*654456654~{_joined(members)}"
    )
    return f"{body}SE*{body.count('~') + 1}*{number}~"


def enrollment_file(*sets: str) -> bytes:
    """Sets in the usual interchange."""
    return (
        "ISA*00*          *00*          *ZZ*SPONSOR        *ZZ*EDIGATEWAY     *260401*1200*^*00501*000000834*0*T*:~"
        f"GS*BE*SPONSOR*99999*20260401*1200*834*X*{GUIDE}~{''.join(sets)}GE*{len(sets)}*834~IEA*1*000000834~"
    ).encode()


def _joined(segments: str) -> str:
    lines = [line.strip() for line in segments.replace("~", "\n").splitlines()]
    return "".join(f"{line}~" for line in lines if line)


def read_members(file: bytes) -> list[MemberEnrollment]:
    """The members of a file that must conform to its guide."""
    filing = Filing({("834", GUIDE): OUTLINE})
    reader, members = EnrollmentReader(), list[MemberEnrollment]()
    for filed in [*filing.feed(file), *filing.close()]:
        assert not isinstance(filed, EnvelopeFaults), filed.findings
        if isinstance(filed, Part):
            assert filed.is_sound, filed.findings
            members += reader.read(filed)
    return members


@dataclass(frozen=True)
class Case:
    """One row: what is held, what an 834 says of one member or several, and what is held then."""

    name: str
    held: Contract | None
    members: tuple[MemberEnrollment, ...]
    plans: frozenset[str]
    refused: str
    """The problem and the element where the last member is refused, ``PLAN_UNKNOWN HD04``; empty: none is."""
    coverages: Mapping[str, list[str]]
    """All of each of these persons, ``GOLD 2025-01-01..2026-03-31``."""
    persons: Mapping[str, Mapping[str, Any]]
    """Some fields of each of these persons."""
    contract: Mapping[str, Any]
    """Some fields of the contract."""


def read_cases() -> list[Case]:
    """All cases."""
    return [case for path in sorted(FOLDER.glob("*.toml")) for case in _cases(tomllib.loads(path.read_text()))]


def _cases(table: Mapping[str, Any]) -> Iterator[Case]:
    contracts = {name: msgspec.convert(document, Contract) for name, document in table["contracts"].items()}
    for row in table["case"]:
        unknown = set(row) - {"name", "held", "says", "action", "header", "refused", "coverages", "persons", "contract"}
        assert not unknown, f"{row['name']}: {unknown}"
        file = enrollment_file(enrollment_set(row["says"], row.get("action", "2"), row.get("header", "")))
        yield Case(
            name=row["name"],
            held=contracts[row["held"]] if row.get("held") else None,
            members=tuple(read_members(file)),
            plans=frozenset(table["plans"]),
            refused=row.get("refused", ""),
            coverages=row.get("coverages", {}),
            persons=row.get("persons", {}),
            contract=row.get("contract", {}),
        )


def told_coverage(coverage: Coverage) -> str:
    """A coverage in a line: plan, days, and what else is not as usual."""
    others = [
        f"group {coverage.group_number}" if coverage.group_number else "",
        coverage.priority.value if coverage.priority != "primary" else "",
        f"eligible {coverage.eligibility_begin or ''}..{coverage.eligibility_end or ''}"
        if coverage.eligibility_begin or coverage.eligibility_end
        else "",
        "used" if coverage.accumulators else "",
    ]
    told = f"{coverage.plan_id} {coverage.begin}..{coverage.end or ''}"
    return ", ".join(each for each in (told, *others) if each)
