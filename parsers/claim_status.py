"""A 276 transaction set that conforms to its guide (005010X212), to typed inquiries.

Only values are read here: that the required segments and elements are there, in their order and with their codes, is
the guide check's business, and this reader is given nothing that has not passed it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from edi.claim_status import ClaimInquiry, ClaimPatient, ClaimStatusRequest, LineInquiry
from edi.delimiters import Delimiters
from edi.eligibility import DateRange, Party
from parsers.frames import Segment, TransactionSet, element_of
from parsers.reading import claim_patient, levels_with_next, period_of

_NOBODY = Party("", "")
_DEPENDENT = "23"
"""HL03."""


@dataclass(slots=True)
class _Claim:
    """A 2200D/E loop while its segments go by."""

    trace: str = ""
    references: dict[str, str] = field(default_factory=dict)
    charge: Decimal | None = None
    dates: DateRange | None = None
    lines: list["_Line"] = field(default_factory=list)


@dataclass(slots=True)
class _Line:
    """A 2210D/E loop while its segments go by."""

    service: Segment
    control_number: str = ""
    dates: DateRange | None = None


def read_claim_status(transaction: TransactionSet, delimiters: Delimiters) -> ClaimStatusRequest:
    """The typed form of a 276 that the guide check has accepted."""
    _, bht, *rest = transaction.segments
    reference = element_of(bht, 3)
    return ClaimStatusRequest(
        control_number=transaction.control_number,
        reference=reference,
        inquiries=tuple(_inquiries(rest, reference, delimiters)),
    )


def _inquiries(segments: list[Segment], reference: str, delimiters: Delimiters) -> Iterator[ClaimInquiry]:
    """One inquiry for each claim; one without a claim for a subscriber of whom nothing more is said."""
    source = receiver = _NOBODY
    providers: tuple[Party, ...] = ()
    subscriber = ClaimPatient()
    for level, next_kind in levels_with_next(segments):
        kind = level[0][3]
        if kind == "20":
            source = _parties(level)[0]
        elif kind == "21":
            receiver = _parties(level)[0]
        elif kind == "19":
            providers = _parties(level)
        else:
            patient = _patient(level)
            dependent = patient if kind == _DEPENDENT else None
            if dependent is None:
                subscriber = patient
            claims = _claims(level)
            if not claims and next_kind != _DEPENDENT:
                claims = [_Claim()]
            for claim in claims:
                yield _inquiry(claim, (source, receiver), providers, (subscriber, dependent), reference, delimiters)


def _parties(level: list[Segment]) -> tuple[Party, ...]:
    """Every NM1 of a source's, receiver's or provider's level."""
    return tuple([_party(segment) for segment in level if segment[0] == "NM1"])


def _party(name: Segment) -> Party:
    return Party(name[1], name[2], name[3], name[4], name[8], name[9], name[5], name[7])


def _patient(level: list[Segment]) -> ClaimPatient:
    """NM1 and DMG of a subscriber's or dependent's level."""
    demographics: Segment = []
    name: Segment = []
    for segment in level:
        if segment[0] == "DMG":
            demographics = segment
        elif segment[0] == "NM1":
            name = segment
            break
    return claim_patient(name, demographics)


def _claims(level: list[Segment]) -> list[_Claim]:
    """The 2200D/E loops of a patient's level: each begins with its TRN."""
    claims: list[_Claim] = []
    for segment in level:
        match segment[0]:
            case "TRN":
                claims.append(_Claim(element_of(segment, 2)))
            case "SVC":
                claims[-1].lines.append(_Line(segment))
            case "REF" if segment[1] == "FJ":
                claims[-1].lines[-1].control_number = element_of(segment, 2)
            case "REF":
                claims[-1].references[segment[1]] = element_of(segment, 2)
            case "AMT":
                claims[-1].charge = _number(segment[2])
            case "DTP":
                last = claims[-1]
                (last.lines[-1] if last.lines else last).dates = period_of(element_of(segment, 3))
    return claims


def _inquiry(
    claim: _Claim,
    parties: tuple[Party, Party],
    providers: tuple[Party, ...],
    patients: tuple[ClaimPatient, ClaimPatient | None],
    reference: str,
    delimiters: Delimiters,
) -> ClaimInquiry:
    sent = claim.references.get
    return ClaimInquiry(
        *parties,
        providers,
        *patients,
        reference,
        claim.trace,
        sent("1K", ""),
        sent("BLT", ""),
        sent("LU", ""),
        sent("6P", ""),
        sent("EJ", ""),
        sent("XZ", ""),
        sent("D9", ""),
        claim.charge,
        claim.dates,
        tuple([_line(line, delimiters) for line in claim.lines]),
    )


def _line(line: _Line, delimiters: Delimiters) -> LineInquiry:
    service = line.service
    procedure = service[1].rstrip(delimiters.component)
    if delimiters.component != ":":
        procedure = procedure.replace(delimiters.component, ":")
    return LineInquiry(procedure, _number(service[2]), _number(service[7]), line.dates, service[4], line.control_number)


def _number(text: str) -> Decimal:
    """X12 type R; zero for one without a digit, a lone minus sign, which the type's pattern lets pass."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal(0)
