"""A 277CA that conforms to its guide (005010X214), to what is said of claims, one claim at a time.

Sets may hold any number of claims, so each level and each claim's loop 2200D is read by itself. Only values are read
here; what the guide demands has been checked before. What is said of a whole transmission or provider, without a
claim, is passed over.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from edi.claim_acknowledgment import (
    AcknowledgedClaim,
    AcknowledgedCode,
    AcknowledgedLine,
    AcknowledgedStatus,
    BillingProvider,
)
from edi.claim_status_codes import Category
from edi.eligibility import DateRange
from parsers.filing import HEADER_RANK, Outline, Part
from parsers.frames import Segment, element_of
from parsers.reading import day_of, number_of, padded, period_of, procedure_of

GUIDES = frozenset({"005010X214"})
"""GS08."""

_SOURCE, _RECEIVER, _PROVIDER, _PATIENT, _TRACE = 1, 2, 3, 4, 5
OUTLINE = Outline({"TRN": _TRACE}, {"20": _SOURCE, "21": _RECEIVER, "19": _PROVIDER, "PT": _PATIENT})

_CODE_ELEMENTS = (1, 10, 11)
"""STC01, STC10 and STC11."""
_ACCEPTED = "WQ"
"""STC03."""


class ClaimAcknowledgmentReader:
    """Reads the parts of one transaction set, in order."""

    def __init__(self) -> None:
        self._level = HEADER_RANK
        self._provider: dict[str, str] = {}
        self._patient: dict[str, str] = {}
        """Identifiers, by their qualifiers."""

    def read(self, part: Part) -> Iterable[AcknowledgedClaim]:
        """The claim that a part is; nothing of a part that says whose the claims after it are, or of all of them."""
        if part.rank != _TRACE:
            self._level = part.rank
        if part.rank == _PROVIDER:
            self._provider = _identifiers(part.segments)
        elif part.rank == _PATIENT:
            self._patient = _identifiers(part.segments)
        elif part.rank == _TRACE and self._level == _PROVIDER:
            self._provider |= _identifiers(part.segments)
        elif part.rank == _TRACE and self._level == _PATIENT:
            return (self._claim(part),)
        return ()

    def _claim(self, part: Part) -> AcknowledgedClaim:
        provider = BillingProvider(_first(self._provider, "FI", "TJ"), _first(self._provider, "XX"))
        member_id = _first(self._patient, "MI", "II")
        return read_acknowledged_claim(part.segments, provider, member_id, part.delimiters.component)


def _identifiers(segments: Iterable[Segment]) -> dict[str, str]:
    """NM109 and REF02, by their qualifiers."""
    found: dict[str, str] = {}
    for segment in segments:
        if segment[0] == "NM1":
            qualifier, identifier = padded(segment, 10)[8:10]
            found[qualifier] = identifier
        elif segment[0] == "REF":
            found[segment[1]] = segment[2]
    return found


def _first(identifiers: dict[str, str], *qualifiers: str) -> str:
    return next((identifiers[qualifier] for qualifier in qualifiers if identifiers.get(qualifier)), "")


@dataclass(slots=True)
class _Loop:
    """A 2200D loop without its lines, or a 2220D loop, by what a claim and a line have both."""

    references: dict[str, str] = field(default_factory=dict)
    statuses: list[AcknowledgedStatus] = field(default_factory=list)
    dates: DateRange | None = None

    def take(self, segment: Segment, component: str) -> None:
        match segment[0]:
            case "STC":
                self.statuses.append(_status(segment, component))
            case "REF":
                self.references[segment[1]] = segment[2]
            case "DTP":
                self.dates = period_of(segment[3])


def read_acknowledged_claim(
    segments: Sequence[Segment], provider: BillingProvider, member_id: str, component: str
) -> AcknowledgedClaim:
    """One claim.

    Args:
        segments: of its loop 2200D, the TRN first.
        provider: whose claim it is.
        member_id: of the patient.
        component: the delimiter inside composites.
    """
    claim, lines = _Loop(), list[tuple[Segment, _Loop]]()
    for segment in segments[1:]:
        if segment[0] == "SVC":
            lines.append((segment, _Loop()))
        else:
            (lines[-1][1] if lines else claim).take(segment, component)
    sent = claim.references.get
    return AcknowledgedClaim(
        provider=provider,
        patient_account=segments[0][2],
        statuses=tuple(claim.statuses),
        claim_number=sent("1K", ""),
        clearinghouse_number=sent("D9", ""),
        bill_type=sent("BLT", ""),
        dates=claim.dates,
        member_id=member_id,
        lines=tuple([_line(service, loop, component) for service, loop in lines]),
    )


def _line(service: Segment, loop: _Loop, component: str) -> AcknowledgedLine:
    return AcknowledgedLine(
        procedure=procedure_of(service[1], component),
        charge=number_of(service[2]),
        statuses=tuple(loop.statuses),
        revenue_code=element_of(service, 4),
        dates=loop.dates,
        control_number=loop.references.get("FJ", ""),
    )


def _status(segment: Segment, component: str) -> AcknowledgedStatus:
    composites = [element_of(segment, number) for number in _CODE_ELEMENTS]
    charge = element_of(segment, 4)
    return AcknowledgedStatus(
        codes=tuple([_code(composite, component) for composite in composites if composite]),
        effective=day_of(element_of(segment, 2)),
        is_accepted=element_of(segment, 3) == _ACCEPTED,
        charge=number_of(charge) if charge else None,
    )


def _code(composite: str, component: str) -> AcknowledgedCode:
    category, status, entity, *_ = padded(composite.split(component), 3)
    return AcknowledgedCode(Category(category), status, entity)
