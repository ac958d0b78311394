"""An 834 that conforms to its guide (005010X220A1), to typed enrollments, one member at a time.

Sets may hold any number of members, so the header and each member's loop 2000 are read by themselves. Only values are
read here; what the guide demands has been checked before. What a payer of benefits does not need is passed over:
employers, schools, incomes, disabilities, reporting categories.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, takewhile

from edi.eligibility import Reference
from edi.enrollment import (
    CareProvider,
    CoverageEnrollment,
    Dates,
    EnrollmentDate,
    EnrollmentHeader,
    FileAction,
    Maintenance,
    MemberEnrollment,
    MemberName,
    OtherInsurance,
    find_reference,
)
from edi.services_review import PostalAddress
from parsers.filing import Outline, Part
from parsers.frames import Segment, element_of
from parsers.reading import day_of, padded, period_of

MEMBER_BEGINS = "INS"
OUTLINE = Outline({MEMBER_BEGINS: 1})
"""A set is cut into its header and its members."""
GUIDES = frozenset({"005010X220A1"})

_LOOPS_BEGIN = frozenset({"NM1", "DSB", "HD", "LX", "COB"})
"""Segments with which the loops inside a member's begin."""
_REPORTING_CATEGORIES = "LS"
_MEMBER_NAMES = frozenset({"IL", "74"})
_CORRECTED_NAME = "74"
_INCORRECT_NAME = "70"
_INSURER = "IN"
_SUBSCRIBER_ID = "0F"
_POLICY_NUMBER = "38"
_ENDS = frozenset({"343", "349"})
"""DTP01 of days on which something ends: where they are sent as a range, its last day."""
_NEVER = 9999
"""The year of days that stand for no end."""
_PHONES = frozenset({"TE", "WP", "HP", "CP"})


@dataclass(frozen=True, slots=True)
class _Loop:
    """A segment that begins a loop, and those of the loop after it."""

    position: int
    segments: list[Segment] = field(repr=False)

    @property
    def identifier(self) -> str:
        return self.segments[0][0]

    @property
    def first(self) -> Segment:
        return self.segments[0]


class EnrollmentReader:
    """Reads the parts of one transaction set, in order, each of which the guide check has accepted."""

    def __init__(self) -> None:
        self._header: EnrollmentHeader | None = None

    def read(self, part: Part) -> Iterator[MemberEnrollment]:
        """The member that a part holds; none when it is the header or the end of the set."""
        if part.identifier == MEMBER_BEGINS and self._header is not None:
            yield read_member(self._header, part.segments, part.position)
        elif part.identifier == "ST":
            self._header = read_header(part.segments)


def read_header(segments: Sequence[Segment]) -> EnrollmentHeader | None:
    """What stands before the first member, from the ST on; None where a misplaced INS cuts it off before the BGN."""
    beginning = next((segment for segment in segments if segment[0] == "BGN"), None)
    if beginning is None:
        return None
    policy = (element_of(segment, 2) for segment in segments if segment[:2] == ["REF", _POLICY_NUMBER])
    return EnrollmentHeader(FileAction(beginning[8]), next(policy, "").strip(), _dates(segments))


def read_member(header: EnrollmentHeader, segments: Sequence[Segment], position: int) -> MemberEnrollment:
    """One member.

    Args:
        header: of the set.
        segments: of the member's loop 2000, the INS first.
        position: of the INS in the transaction set, the ST being 1.
    """
    member, *loops = _loops(segments, position)
    of_names = list(takewhile(lambda loop: loop.identifier != "HD", loops))
    named = next((loop for loop in of_names if _entity(loop) in _MEMBER_NAMES), member)
    former = next((loop for loop in of_names if _entity(loop) == _INCORRECT_NAME), None)
    ins = padded(member.first, 13)
    references = _references(member.segments)
    return MemberEnrollment(
        header=header,
        position=position,
        maintenance=Maintenance(ins[3]),
        is_subscriber=ins[1] == "Y",
        relationship=ins[2],
        subscriber_id=find_reference(references, _SUBSCRIBER_ID),
        name=_name(named),
        is_correction=_entity(named) == _CORRECTED_NAME,
        former=None if former is None else _name(former),
        reason=ins[4],
        death_date=day_of(ins[12]),
        address=_address(named.segments),
        references=tuple([each for each in references if each.qualifier != _SUBSCRIBER_ID]),
        dates=_dates(member.segments),
        coverages=tuple(_coverages(loops[len(of_names) :])),
    )


def _loops(segments: Sequence[Segment], position: int) -> list[_Loop]:
    """The member's own segments, then each loop in it, up to the reporting categories."""
    loops = [_Loop(position, [])]
    for number, segment in enumerate(segments, start=position):
        if segment[0] == _REPORTING_CATEGORIES:
            break
        if segment[0] in _LOOPS_BEGIN:
            loops.append(_Loop(number, []))
        loops[-1].segments.append(segment)
    return loops


def _entity(loop: _Loop) -> str:
    """NM101; empty in a loop that is nobody's."""
    return element_of(loop.first, 1) if loop.identifier == "NM1" else ""


def _name(loop: _Loop) -> MemberName:
    name = padded(loop.first, 8) if loop.identifier == "NM1" else [""] * 8
    demographics = next((segment for segment in loop.segments if segment[0] == "DMG"), [])
    return MemberName(
        last_name=_text(name[3]),
        first_name=_text(name[4]),
        middle_name=_text(name[5]),
        suffix=_text(name[7]),
        birth_date=day_of(element_of(demographics, 2)),
        gender=element_of(demographics, 3),
    )


def _coverages(loops: Sequence[_Loop]) -> Iterator[CoverageEnrollment]:
    """Each HD with the loops of providers and other insurances that follow it."""
    starts = [index for index, loop in enumerate(loops) if loop.identifier == "HD"]
    for start, end in pairwise([*starts, len(loops)]):
        yield _coverage(loops[start], loops[start + 1 : end])


def _coverage(loop: _Loop, inner: Sequence[_Loop]) -> CoverageEnrollment:
    providers: list[CareProvider] = []
    others: list[OtherInsurance] = []
    for each in inner:
        if each.identifier == "COB":
            others.append(_other_insurance(each))
        elif each.identifier == "NM1" and not others:
            providers.append(_care_provider(each))
        elif each.identifier == "NM1" and (not others[-1].name or _entity(each) == _INSURER):
            others[-1] = _with_payer(others[-1], each)
    hd = padded(loop.first, 6)
    return CoverageEnrollment(
        position=loop.position,
        maintenance=Maintenance(hd[1]),
        insurance_line=hd[3],
        plan_code=hd[4].strip(),
        level=hd[5],
        dates=_dates(loop.segments),
        references=_references(loop.segments),
        providers=tuple(providers),
        other_insurances=tuple(others),
    )


def _care_provider(loop: _Loop) -> CareProvider:
    name = padded(loop.first, 10)
    change = next((segment for segment in loop.segments if segment[0] == "PLA"), [])
    return CareProvider(
        entity_code=name[1],
        name=_text(name[3]),
        first_name=_text(name[4]),
        identifier_qualifier=name[8],
        identifier=name[9].strip(),
        phone=_phone(loop.segments),
        address=_address(loop.segments),
        changed=day_of(element_of(change, 3)),
    )


def _other_insurance(loop: _Loop) -> OtherInsurance:
    cob = padded(loop.first, 4)
    return OtherInsurance(
        responsibility=cob[1],
        coordination=cob[3],
        policy_number=cob[2].strip(),
        references=_references(loop.segments),
        dates=_dates(loop.segments),
    )


def _with_payer(other: OtherInsurance, loop: _Loop) -> OtherInsurance:
    name = padded(loop.first, 10)
    return replace(
        other,
        name=_text(name[3]),
        identifier_qualifier=name[8],
        identifier=name[9].strip(),
        phone=_phone(loop.segments),
        address=_address(loop.segments),
    )


def _address(segments: Sequence[Segment]) -> PostalAddress:
    lines: Segment = []
    place: Segment = []
    for segment in segments:
        if segment[0] == "N3":
            lines = segment[1:3]
        elif segment[0] == "N4":
            place = segment[1:]
    return PostalAddress(tuple([_text(line) for line in lines if line]), tuple([_text(each) for each in place]))


def _phone(segments: Sequence[Segment]) -> str:
    """The first telephone number of a PER, its digits only; empty when there is none."""
    for segment in segments:
        if segment[0] == "PER":
            for qualifier, number in zip(segment[3::2], segment[4::2], strict=False):
                if qualifier in _PHONES:
                    return "".join(filter(str.isdigit, number))
    return ""


def _references(segments: Sequence[Segment]) -> tuple[Reference, ...]:
    return tuple([Reference(each[1], element_of(each, 2).strip()) for each in segments if each[0] == "REF"])


def _dates(segments: Sequence[Segment]) -> Dates:
    return tuple([each for segment in segments if segment[0] == "DTP" for each in _date(segment)])


def _date(segment: Segment) -> Iterator[EnrollmentDate]:
    period = period_of(element_of(segment, 3))
    if period is not None and period.last.year != _NEVER:
        yield EnrollmentDate(segment[1], period.last if segment[1] in _ENDS else period.first)


def _text(sent: str) -> str:
    """Names and addresses in upper case, as all that we send."""
    return sent.strip().upper()
