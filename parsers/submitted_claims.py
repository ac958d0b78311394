"""837 claims, professional and institutional, from the checked parts of a transaction set to typed values.

Source: X12 005010X222A1, 005010X223A2. As with inquiries, only values are read here: that the required segments and
elements are there, in their order and with their codes, is the guide check's business.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from edi.claim_status import ClaimPatient
from edi.eligibility import DateRange
from edi.submitted_claim import SubmittedClaim, SubmittedLine
from parsers.filing import HEADER_RANK, Outline, Part
from parsers.frames import Segment, element_of
from parsers.reading import claim_patient, day_of, number_of, period_of, procedure_of

GUIDES = frozenset({"005010X222A1", "005010X223A2"})
"""GS08 of those that are read: professional, institutional."""

_BILLING, _SUBSCRIBER, _DEPENDENT, _CLAIM = 1, 2, 3, 4
OUTLINE = Outline({"CLM": _CLAIM}, {"20": _BILLING, "22": _SUBSCRIBER, "23": _DEPENDENT})

_NOBODY = ClaimPatient()


class SubmittedClaimReader:
    """Reads the parts of one transaction set, in order."""

    def __init__(self) -> None:
        self._submitted_on = date.min
        self._billing_npi = self._billing_tin = ""
        self._subscriber = _NOBODY
        self._dependent: ClaimPatient | None = None
        self._group_number = ""

    def read(self, part: Part) -> Iterable[SubmittedClaim]:
        """The claim that a part is; nothing of a part that only says whose the claims after it are."""
        if part.rank == _CLAIM:
            return (self._claim(part),)
        if part.rank == HEADER_RANK:
            self._take_header(part.segments)
        elif part.rank == _BILLING:
            self._billing_npi, self._billing_tin = _billing_provider(part.segments)
        elif part.rank == _SUBSCRIBER:
            self._subscriber, self._dependent = _patient(part.segments, "IL"), None
            self._group_number = next((element_of(each, 3) for each in part.segments if each[0] == "SBR"), "")
        else:
            self._dependent = _patient(part.segments, "QC")
        return ()

    def _take_header(self, segments: list[Segment]) -> None:
        for segment in segments:
            if segment[0] == "BHT":
                self._submitted_on = day_of(element_of(segment, 4)) or date.min

    def _claim(self, part: Part) -> SubmittedClaim:
        component = part.delimiters.component
        opening, *rest = part.segments
        own = _Own()
        lines = own.take(rest)
        facility, qualifier, frequency = [*element_of(opening, 5).split(component), "", "", ""][:3]
        made = tuple([line.made(component) for line in lines if line.service])
        return SubmittedClaim(
            submitted_on=self._submitted_on,
            billing_npi=self._billing_npi,
            billing_tin=self._billing_tin,
            subscriber=self._subscriber,
            dependent=self._dependent,
            group_number=self._group_number,
            patient_account=opening[1],
            charge=number_of(opening[2]),
            facility=facility,
            is_institutional=qualifier == "A",
            frequency=frequency,
            dates=own.dates or _span(made),
            original_number=own.references.get("F8", ""),
            clearinghouse_number=own.references.get("D9", ""),
            rendering_npi=own.rendering_npi,
            lines=made,
        )


@dataclass(slots=True)
class _Own:
    """What a claim (2300, 2310) says of itself, as its segments go by."""

    references: dict[str, str] = field(default_factory=dict)
    dates: DateRange | None = None
    rendering_npi: str = ""

    def take(self, segments: list[Segment]) -> list["_Line"]:
        """Read up to the lines, and give these. Other payers' numbers and providers (2320, 2330) are passed over."""
        lines: list[_Line] = []
        has_names = is_others = False
        for segment in segments:
            identifier = segment[0]
            if lines or identifier == "LX":
                if identifier == "LX":
                    lines.append(_Line())
                else:
                    lines[-1].take(segment)
            elif identifier == "SBR":
                is_others = True
            elif identifier == "NM1" and not is_others:
                has_names = True
                if segment[1] == "82":
                    self.rendering_npi = _npi(segment)
            elif identifier == "REF" and not (has_names or is_others):
                self.references[segment[1]] = element_of(segment, 2)
            elif identifier == "DTP" and segment[1] == "434":
                self.dates = period_of(element_of(segment, 3))
        return lines


@dataclass(slots=True)
class _Line:
    """A service line (2400) while its segments go by."""

    service: Segment = field(default_factory=list)
    """SV1 or SV2; empty where another LX follows the LX at once, which the guide check lets pass."""
    dates: DateRange | None = None
    references: dict[str, str] = field(default_factory=dict)

    def take(self, segment: Segment) -> None:
        """Any segment of the line after its LX."""
        identifier = segment[0]
        if identifier in ("SV1", "SV2"):
            self.service = segment
        elif identifier == "DTP" and segment[1] == "472":
            self.dates = period_of(element_of(segment, 3))
        elif identifier == "REF" and segment[1] in ("6R", "XZ"):
            self.references[segment[1]] = element_of(segment, 2)

    def made(self, component: str) -> SubmittedLine:
        """The line with all that was read."""
        control_number, prescription = self.references.get("6R", ""), self.references.get("XZ", "")
        if self.service[0] == "SV1":
            procedure, charge, _, units = self.service[1:5]
            revenue_code = ""
        else:
            revenue_code, procedure, charge, _, units = self.service[1:6]
        return SubmittedLine(
            procedure_of(procedure, component),
            number_of(charge),
            number_of(units),
            self.dates,
            revenue_code,
            control_number,
            prescription,
        )


def _span(lines: tuple[SubmittedLine, ...]) -> DateRange | None:
    """From the first day of a line to the last."""
    days = [line.dates for line in lines if line.dates is not None]
    if not days:
        return None
    return DateRange(min(each.first for each in days), max(each.last for each in days))


def _billing_provider(segments: list[Segment]) -> tuple[str, str]:
    """NPI and tax id of 2010AA; the names after it are other addresses of the same provider."""
    npi = tax_id = ""
    for segment in _of_name(segments, "85"):
        if segment[0] == "NM1":
            npi = _npi(segment)
        elif segment[0] == "REF" and segment[1] in ("EI", "SY"):
            tax_id = element_of(segment, 2).replace("-", "")
    return npi, tax_id


def _patient(segments: list[Segment], entity: str) -> ClaimPatient:
    """NM1 and DMG of 2010BA or 2010CA."""
    name: Segment = []
    demographics: Segment = []
    for segment in _of_name(segments, entity):
        if segment[0] == "NM1":
            name = segment
        elif segment[0] == "DMG":
            demographics = segment
    return claim_patient(name, demographics)


def _of_name(segments: list[Segment], entity: str) -> Iterator[Segment]:
    """The segments of the loop that begins with this entity's NM1."""
    is_in = False
    for segment in segments:
        if segment[0] == "NM1":
            is_in = segment[1] == entity
        if is_in:
            yield segment


def _npi(name: Segment) -> str:
    """NM109 of a provider where NM108 says that it is an NPI."""
    return element_of(name, 9) if element_of(name, 8) == "XX" else ""
