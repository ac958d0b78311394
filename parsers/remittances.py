"""An 835 that conforms to its guide (005010X221A1), to what became of claims, one claim at a time.

Sets may hold any number of claims, so the header and each claim's loop 2100 are read by themselves. Only values are
read here; what the guide demands has been checked before. What the payer takes from or gives to the payee apart from
claims (PLB) and summaries (TS2, TS3) are passed over.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from edi.eligibility import DateRange
from edi.remittance import (
    Adjustment,
    AdjustmentGroup,
    Amount,
    Disposition,
    PaymentMethod,
    Remittance,
    RemittedClaim,
    RemittedLine,
)
from parsers.filing import Outline, Part
from parsers.frames import Segment, element_of
from parsers.reading import day_of, number_of, padded, procedure_of

GUIDES = frozenset({"005010X221A1"})
"""GS08."""

_SECTION, _CLAIM = 1, 2
OUTLINE = Outline({"LX": _SECTION, "CLP": _CLAIM, "PLB": _SECTION})

_MEMORY = 4_096
_day_of = lru_cache(_MEMORY)(day_of)
_number_of = lru_cache(_MEMORY)(number_of)
_procedure_of = lru_cache(_MEMORY)(procedure_of)
"""Of what the claims of a file have in common, each is worked out and held once."""

_PAYEE = "PE"
_PATIENT_ENTITIES = frozenset({"QC", "IL", "74"})
"""NM101 of the patient, the insured and their correction."""
_ADJUSTMENT_STEP = 3
"""CAS02 to CAS19 are reason, amount and quantity, six times."""


class RemittanceReader:
    """Reads the parts of one transaction set, in order."""

    def __init__(self) -> None:
        self._remittance: Remittance | None = None

    def read(self, part: Part) -> Iterable[RemittedClaim]:
        """The claim that a part is; nothing of a part that is none."""
        if part.identifier == "ST":
            self._remittance = read_remittance_header(part.segments)
        elif part.rank == _CLAIM and self._remittance is not None:
            return (read_remitted_claim(part.segments, self._remittance, part.delimiters.component),)
        return ()


def read_remittance_header(segments: Sequence[Segment]) -> Remittance | None:
    """What stands above the claims; None where a misplaced claim cuts it off before the payment is told.

    Args:
        segments: from the ST to before the first LX.
    """
    found = {segment[0]: segment for segment in reversed(segments)}
    if not {"BPR", "TRN"} <= found.keys():
        return None
    payment = padded(found["BPR"], 17)
    paid = _number_of(payment[2])
    payee = dict(_payee_identifiers(segments))
    return Remittance(
        method=PaymentMethod(payment[4]),
        paid=-paid if payment[3] == "D" else paid,
        number=found["TRN"][2],
        payment_date=_day_of(payment[16]),
        produced=_day_of(element_of(found.get("DTM", []), 2)),
        payee_tin=payee.get("FI") or payee.get("TJ", ""),
        payee_npi=payee.get("XX", ""),
    )


def _payee_identifiers(segments: Sequence[Segment]) -> Iterator[tuple[str, str]]:
    """Qualifier and value of N1 and each REF of 1000B."""
    entity = ""
    for segment in segments:
        if segment[0] == "N1":
            entity = segment[1]
            if entity == _PAYEE:
                yield element_of(segment, 3), element_of(segment, 4)
        elif segment[0] == "REF" and entity == _PAYEE:
            yield segment[1], segment[2]


@dataclass(slots=True)
class _Loop:
    """A 2100 loop without its lines, or a 2110 loop, by what a claim and a line have both."""

    days: dict[str, date | None] = field(default_factory=dict)
    """By DTM01."""
    references: dict[str, str] = field(default_factory=dict)
    adjustments: list[Adjustment] = field(default_factory=list)
    amounts: list[Amount] = field(default_factory=list)
    member_ids: list[str] = field(default_factory=list)

    def take(self, segment: Segment) -> None:
        match segment[0]:
            case "CAS":
                self.adjustments.extend(_adjustments(segment))
            case "DTM":
                self.days[segment[1]] = _day_of(segment[2])
            case "REF":
                self.references[segment[1]] = segment[2]
            case "AMT":
                self.amounts.append(Amount(segment[1], _number_of(segment[2])))
            case "NM1" if segment[1] in _PATIENT_ENTITIES and element_of(segment, 9):
                self.member_ids.append(segment[9])

    def period(self, first: str, last: str) -> DateRange | None:
        """From the day under one qualifier to that under another; where one is missing the other alone."""
        begin = self.days.get(first) or self.days.get(last)
        end = self.days.get(last) or begin
        return None if begin is None or end is None else DateRange(begin, end)


def read_remitted_claim(segments: Sequence[Segment], remittance: Remittance, component: str) -> RemittedClaim:
    """One claim.

    Args:
        segments: of its loop 2100, the CLP first.
        remittance: the header of its set.
        component: the delimiter inside composites.
    """
    claim, lines = _Loop(), list[tuple[Segment, _Loop]]()
    for segment in segments[1:]:
        if segment[0] == "SVC":
            lines.append((segment, _Loop()))
        else:
            (lines[-1][1] if lines else claim).take(segment)
    payment = padded(segments[0], 8)
    return RemittedClaim(
        remittance=remittance,
        disposition=Disposition(payment[2]),
        charge=_number_of(payment[3]),
        paid=_number_of(payment[4]),
        patient_account=payment[1],
        claim_number=payment[7],
        former_number=claim.references.get("F8", ""),
        patient_responsibility=_number_of(payment[5]) if payment[5] else None,
        filing_indicator=payment[6],
        dates=claim.period("232", "233"),
        member_ids=tuple(claim.member_ids),
        adjustments=tuple(claim.adjustments),
        amounts=tuple(claim.amounts),
        lines=tuple([_line(service, loop, component) for service, loop in lines]),
    )


def _line(service: Segment, loop: _Loop, component: str) -> RemittedLine:
    return RemittedLine(
        procedure=_procedure_of(service[1], component),
        charge=_number_of(service[2]),
        paid=_number_of(service[3]),
        submitted_procedure=_procedure_of(element_of(service, 6), component),
        revenue_code=element_of(service, 4),
        dates=loop.period("472", "472") or loop.period("150", "151"),
        control_number=loop.references.get("6R", ""),
        adjustments=tuple(loop.adjustments),
        amounts=tuple(loop.amounts),
    )


def _adjustments(segment: Segment) -> list[Adjustment]:
    """Up to six of one CAS."""
    group = AdjustmentGroup(segment[1])
    starts = range(2, len(segment) - 1, _ADJUSTMENT_STEP)
    return [Adjustment(group, segment[at], _number_of(segment[at + 1])) for at in starts if segment[at]]
