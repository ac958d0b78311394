"""A 270 transaction set that conforms to its guide (005010X279A1), to typed inquiries.

Only values are read here: that the required segments and elements are there, in their order and with their codes, is
the guide check's business, and this reader is given nothing that has not passed it.
"""

from collections.abc import Iterator

from edi.delimiters import Delimiters
from edi.eligibility import (
    DateRange,
    EligibilityInquiry,
    EligibilityRequest,
    Party,
    Patient,
    Reference,
    ServiceInquiry,
    Trace,
)
from parsers.frames import Segment, TransactionSet, element_of
from parsers.reading import day_of, levels_with_next, padded, period_of

_NOBODY = Party("", "")
_DEPENDENT = "23"
"""HL03."""
_GENERIC = (ServiceInquiry(("30",)),)
"""A patient's level without EQ asks about health benefit plan coverage as a whole."""


def read_eligibility(transaction: TransactionSet, delimiters: Delimiters) -> EligibilityRequest:
    """The typed form of a 270 that the guide check has accepted."""
    _, bht, *rest = transaction.segments
    reference = element_of(bht, 3)
    return EligibilityRequest(
        control_number=transaction.control_number,
        reference=reference,
        purpose=element_of(bht, 2),
        inquiries=tuple(_inquiries(rest, reference, delimiters)),
    )


def _inquiries(segments: list[Segment], reference: str, delimiters: Delimiters) -> Iterator[EligibilityInquiry]:
    """One inquiry for each patient: a dependent's level, or a subscriber's that asks or has no dependents."""
    source = receiver = _NOBODY
    references: tuple[Reference, ...] = ()
    subscriber = Patient()
    for level, next_kind in levels_with_next(segments):
        kind = level[0][3]
        if kind == "20":
            source = _party(level)
        elif kind == "21":
            receiver = _party(level)
            references = tuple([Reference(s[1], element_of(s, 2)) for s in level if s[0] == "REF"])
        else:
            patient, traces, services = _patient(level, delimiters)
            dependent = patient if kind == _DEPENDENT else None
            if dependent is None:
                subscriber = patient
                if not services and next_kind == _DEPENDENT:
                    continue
            yield EligibilityInquiry(
                source, receiver, references, subscriber, dependent, traces, services or _GENERIC, reference
            )


def _trace(segment: Segment) -> Trace:
    return Trace(segment[1], segment[2], element_of(segment, 3), element_of(segment, 4))


def _party(level: list[Segment]) -> Party:
    """The NM1 of a source's or receiver's level."""
    name = next(segment for segment in level if segment[0] == "NM1")
    name = padded(name, 10)
    return Party(name[1], name[2], name[3], name[4], name[8], name[9])


def _patient(
    level: list[Segment], delimiters: Delimiters
) -> tuple[Patient, tuple[Trace, ...], tuple[ServiceInquiry, ...]]:
    """What a subscriber's or dependent's level says: who it is, the traces, what is asked."""
    name: Segment = []
    demographics: Segment = []
    relationship = ""
    dates: DateRange | None = None
    traces: list[Trace] = []
    references: list[Reference] = []
    asked: list[tuple[Segment, DateRange | None]] = []
    for segment in level:
        match segment[0]:
            case "TRN":
                traces.append(_trace(segment))
            case "NM1":
                name = segment
            case "DMG":
                demographics = segment
            case "EQ":
                asked.append((segment, None))
            case "DTP" if segment[1] == "291":
                if asked:
                    asked[-1] = (asked[-1][0], period_of(element_of(segment, 3)))
                else:
                    dates = period_of(element_of(segment, 3))
            case "REF" if not asked:
                references.append(Reference(segment[1], element_of(segment, 2)))
            case "INS":
                relationship = element_of(segment, 2)
    patient = _named(name, demographics, tuple(references), relationship, dates)
    return patient, tuple(traces), tuple([_service(eq, when, delimiters) for eq, when in asked])


def _named(
    name: Segment, demographics: Segment, references: tuple[Reference, ...], relationship: str, dates: DateRange | None
) -> Patient:
    """A patient from the NM1 and DMG of 2100C or 2100D; names in upper case, as all that we send."""
    name = padded(name, 10)
    birth_date_sent = element_of(demographics, 2)
    return Patient(
        name[3].upper(),
        name[4].upper(),
        name[5].upper(),
        name[7].upper(),
        name[9].upper(),
        day_of(birth_date_sent),
        birth_date_sent,
        element_of(demographics, 3),
        references,
        relationship,
        dates,
    )


def _service(eq: Segment, dates: DateRange | None, delimiters: Delimiters) -> ServiceInquiry:
    """An EQ and the DTP below it."""
    codes = element_of(eq, 1)
    procedure = element_of(eq, 2)
    if delimiters.component != ":":
        procedure = procedure.replace(delimiters.component, ":")
    service_types = tuple(codes.split(delimiters.repetition)) if codes else ()
    return ServiceInquiry(service_types, procedure, element_of(eq, 3), dates)
