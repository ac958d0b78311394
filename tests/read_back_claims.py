"""Claim statuses as another reader, x12sdk, finds them in a 277, beside those that were decided.

x12sdk splits the file into loops and fields; its models are not asked, because they refuse what the guide allows (a
second NM1 in 2100C). Of several service lines each is a part of the one before it there, and they are laid out again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from x12sdk.io import X12SegmentReader
from x12sdk.parsing import create_parser

from edi.claim_status import ClaimStatus, ClaimStatusAnswer, LineStatus, Status
from edi.eligibility import DateRange
from edi.texts import mark
from edi.writing_277 import GUIDE

Record = dict[str, Any]
_ENVELOPE = ("ISA", "GS", "GE", "IEA")
_NO_TRACE = "0"
_CODES = tuple([f"health_care_claim_status_{place}" for place in (1, 2, 3)])


@dataclass(frozen=True)
class Stc:
    """One STC."""

    codes: tuple[str, ...]
    effective: str
    amounts: tuple[Decimal | None, Decimal | None] = (None, None)
    """STC04 and 05."""
    adjudicated: str = ""
    payment: tuple[str, str] = ("", "")
    """STC08 and 09."""


@dataclass(frozen=True)
class Line:
    """One 2220 loop."""

    procedure: str
    numbers: tuple[Decimal, Decimal, Decimal]
    """SVC02, 03, 07."""
    revenue_code: str
    statuses: tuple[Stc, ...]
    control_number: str
    dates: str


@dataclass(frozen=True)
class Told:
    """One 2200 loop and above whom it stands."""

    loop: str
    receiver: str
    """NM109 of 2100B."""
    subscriber: str
    """NM103 and 109 of 2100D; empty in a loop above."""
    dependent: str
    """NM103 and 104 of 2100E."""
    trace: str
    statuses: tuple[Stc, ...]
    references: tuple[tuple[str, str], ...] = ()
    dates: str = ""
    lines: tuple[Line, ...] = ()


def told_decided(answers: Sequence[ClaimStatusAnswer], reference: str) -> set[Told]:
    """Everything that the answers tell, as a reader should find it; each status of a refusal by itself."""
    return {each for answer in answers for each in _decided(answer, mark(reference) or _NO_TRACE)}


def _decided(answer: ClaimStatusAnswer, reference: str) -> Iterator[Told]:
    inquiry = answer.inquiry
    receiver = mark(inquiry.receiver.identifier)
    if answer.refusal is not None:
        status = (_stc(answer.refusal.status),)
        yield Told(f"loop_{answer.refusal.level.value.lower()}", receiver, "", "", reference, status)
    subscriber = f"{mark(inquiry.subscriber.last_name) or '?'} {mark(inquiry.subscriber.identifier)}".strip()
    dependent = inquiry.dependent
    patient = "" if dependent is None else f"{mark(dependent.last_name) or '?'} {mark(dependent.first_name)}".strip()
    loop = "loop_2200d" if dependent is None else "loop_2200e"
    for claim in answer.claims:
        yield _claim(claim, Told(loop, receiver, subscriber, patient, mark(inquiry.trace) or _NO_TRACE, ()))


def _claim(claim: ClaimStatus, place: Told) -> Told:
    references = [(each.qualifier, mark(each.value)) for each in claim.references]
    return Told(
        place.loop,
        place.receiver,
        place.subscriber,
        place.dependent,
        place.trace,
        tuple(map(_stc, claim.statuses)),
        tuple([each for each in references if each[1]]),
        _period(claim.dates),
        tuple(map(_line, claim.lines)),
    )


def _stc(status: Status) -> Stc:
    return Stc(
        tuple(map(str, status.codes)),
        _day(status.effective),
        (status.charge, status.paid),
        _day(status.adjudicated),
        (_day(status.payment_date), mark(status.payment_number)),
    )


def _line(line: LineStatus) -> Line:
    return Line(
        ":".join(map(mark, line.procedure.split(":"))),
        (line.charge, line.paid, line.units),
        mark(line.revenue_code),
        tuple([Stc(tuple(map(str, status.codes)), _day(status.effective)) for status in line.statuses]),
        mark(line.control_number),
        _period(line.dates),
    )


def _day(day: date | None) -> str:
    return "" if day is None else f"{day:%Y%m%d}".zfill(8)


def _period(period: DateRange | None) -> str:
    return "" if period is None else "-".join(dict.fromkeys((_day(period.first), _day(period.last))))


def told_read(data: bytes) -> list[Told]:
    """All 2200 loops that x12sdk finds; of one with a refusal each status by itself."""
    return [told for whole in _records(data.decode("ascii")) for told in _loops(whole)]


def _records(text: str) -> Iterator[Record]:
    """x12sdk's nested records of each transaction set."""
    with X12SegmentReader(text) as reader:
        parser: Any = create_parser("277", GUIDE, reader.delimiters)  # type: ignore[arg-type]
        parser._transaction_model = dict
        for name, fields in reader.segments():
            record = None if name in _ENVELOPE else parser.parse(name, fields)
            if record:
                yield record


def _loops(whole: Record) -> Iterator[Told]:
    for receiver in [each for source in whole["loop_2000a"] for each in source["loop_2000b"]]:
        identifier = receiver["loop_2100b"]["nm1_segment"]["identification_code"]
        yield from _refused(receiver, "loop_2200b", identifier)
        for provider in receiver.get("loop_2000c", ()):
            yield from _refused(provider, "loop_2200c", identifier)
            for subscriber in provider.get("loop_2000d", ()):
                name = _name(subscriber["loop_2100d"], "name_last_or_organization_name", "identification_code")
                yield from _claims(subscriber, "d", identifier, name, "")
                for dependent in subscriber.get("loop_2000e", ()):
                    patient = _name(dependent["loop_2100e"], "name_last_or_organization_name", "name_first")
                    yield from _claims(dependent, "e", identifier, name, patient)


def _name(loop: Record, *fields: str) -> str:
    return " ".join([loop["nm1_segment"].get(field) or "" for field in fields]).strip()


def _refused(level: Record, loop: str, receiver: str) -> Iterator[Told]:
    if loop in level:
        for status in level[loop]["stc_segment"]:
            yield Told(loop, receiver, "", "", _trace(level[loop]), (_read_stc(status),))


def _claims(level: Record, letter: str, receiver: str, subscriber: str, dependent: str) -> Iterator[Told]:
    loop = f"loop_2200{letter}"
    for claim in level.get(loop, ()):
        yield Told(
            loop,
            receiver,
            subscriber,
            dependent,
            _trace(claim),
            tuple(map(_read_stc, claim["stc_segment"])),
            tuple([
                (each["reference_identification_qualifier"], each["reference_identification"])
                for each in claim["ref_segment"]
            ]),
            _read_period(claim),
            tuple(map(_read_line, _nested(claim, f"loop_2220{letter}"))),
        )  # fmt: skip


def _nested(record: Record, loop: str) -> Iterator[Record]:
    """The lines of a claim: each holds the next."""
    for line in record.get(loop, ()):
        yield line
        yield from _nested(line, loop)


def _trace(loop: Record) -> str:
    return str(loop["trn_segment"]["reference_identification_1"])


def _read_stc(stc: Record) -> Stc:
    return Stc(
        tuple([stc[name] for name in _CODES if stc.get(name)]),
        stc["status_effective_date"],
        (_amount(stc, "total_claim_charge_amount"), _amount(stc, "claim_payment_amount")),
        stc.get("adjudication_finalized_date") or "",
        (stc.get("remittance_date") or "", stc.get("remittance_trace_number") or ""),
    )


def _amount(record: Record, name: str) -> Decimal | None:
    return Decimal(record[name]) if record.get(name) else None


def _read_line(line: Record) -> Line:
    svc = line["svc_segment"]
    numbers = ("line_item_charge_amount", "line_item_provider_payment_amount", "original_units_of_service_count")
    charge, paid, units = [Decimal(svc[name]) for name in numbers]
    return Line(
        svc["composite_medical_procedure_identifier_1"],
        (charge, paid, units),
        svc.get("revenue_code") or "",
        tuple(map(_read_stc, line["stc_segment"])),
        line.get("ref_segment", {}).get("reference_identification", ""),
        _read_period(line),
    )


def _read_period(loop: Record) -> str:
    return str(loop["dtp_segment"]["date_time_period"]) if "dtp_segment" in loop else ""
