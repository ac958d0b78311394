"""Benefit lines as another reader, x12sdk, finds them in a 271, beside those that were decided.

x12sdk splits the file into loops and fields; its models are not asked, because they refuse what the guide allows: they
want EB09 to be a number, an LS behind every III, and a first name of every patient.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from x12sdk.io import X12SegmentReader
from x12sdk.parsing import create_parser

from edi.eligibility import Benefit, DateRange, EligibilityAnswer, RelatedEntity
from edi.texts import paragraphs, prose
from edi.writing_271 import GUIDE

Record = dict[str, Any]
_ENVELOPE = ("ISA", "GS", "GE", "IEA")


@dataclass(frozen=True)
class Line:
    """One 2110 loop."""

    codes: tuple[str, ...]
    """EB01, 02, 04, 05, 06, 09, 11, 12, 13."""
    service_types: tuple[str, ...]
    numbers: tuple[Decimal | None, ...]
    """EB07, 08, 10."""
    references: tuple[tuple[str, str], ...]
    dates: tuple[tuple[str, str], ...]
    rejections: tuple[tuple[str, str], ...]
    messages: tuple[str, ...]
    places: tuple[str, ...]
    related: tuple[tuple[str, ...], ...]
    """Of each 2120 loop NM101 to 104, 108 and 109."""


def lines_decided(answers: Sequence[EligibilityAnswer]) -> list[Line]:
    """The lines of all answers, as a reader should find them."""
    return [_decided(benefit) for answer in answers for benefit in answer.benefits]


def _decided(benefit: Benefit) -> Line:
    authorization = {None: "", True: "Y", False: "N"}[benefit.authorization_required]
    messages = (piece for message in benefit.messages for piece in paragraphs(message, 264))
    return Line(
        codes=(
            str(benefit.kind), str(benefit.level or ""), benefit.insurance_type, prose(benefit.plan_name, 50),
            str(benefit.period or ""), benefit.quantity_qualifier, authorization, str(benefit.network or ""),
            benefit.procedure,
        ),
        service_types=benefit.service_types,
        numbers=(benefit.amount, benefit.percent, benefit.quantity),
        references=tuple([(reference.qualifier, reference.value) for reference in benefit.references]),
        dates=tuple([(each.qualifier, _period(each.period)) for each in benefit.dates]),
        rejections=tuple([(str(each.reason), str(each.action)) for each in benefit.rejections]),
        messages=tuple(islice(messages, 10)),
        places=benefit.places_of_service,
        related=tuple(map(_entity, benefit.related)),
    )  # fmt: skip


def _period(period: DateRange) -> str:
    days = dict.fromkeys((period.first, period.last))
    return "-".join([day.isoformat().replace("-", "") for day in days])


def _entity(entity: RelatedEntity) -> tuple[str, ...]:
    name = (prose(entity.name, 60), prose(entity.first_name, 35))
    return entity.entity_code, entity.entity_type, *name, entity.identifier_qualifier, entity.identifier


def lines_read(data: bytes) -> list[Line]:
    """The lines that x12sdk finds, patient after patient."""
    return [_read(record) for whole in _records(data.decode("ascii")) for record in _benefit_records(whole)]


def _records(text: str) -> Iterator[Record]:
    """x12sdk's nested records of each transaction set."""
    with X12SegmentReader(text) as reader:
        parser: Any = create_parser("271", GUIDE, reader.delimiters)  # type: ignore[arg-type]
        parser._transaction_model = dict
        for name, fields in reader.segments():
            record = None if name in _ENVELOPE else parser.parse(name, fields)
            if record:
                yield record


def _benefit_records(whole: Record) -> Iterator[Record]:
    receivers = [receiver for source in whole["loop_2000a"] for receiver in source.get("loop_2000b", ())]
    for subscriber in [each for receiver in receivers for each in receiver.get("loop_2000c", ())]:
        yield from subscriber["loop_2100c"].get("loop_2110c", ())
        for dependent in subscriber.get("loop_2000d", ()):
            yield from dependent["loop_2100d"].get("loop_2110d", ())


def _read(record: Record) -> Line:
    eb = record["eb_segment"]
    numbers = [eb.get(name) for name in ("benefit_amount", "benefit_percent", "quantity")]
    additional = record.get("loop_2115c", []) + record.get("loop_2115d", [])
    related = record.get("loop_2120c", []) + record.get("loop_2120d", [])
    return Line(
        codes=(*_values(eb, *_CODES), ":".join(eb.get("procedure_identifier") or ())),
        service_types=tuple([code for code in eb.get("service_type_code") or () if code]),
        numbers=tuple([None if number is None else Decimal(number) for number in numbers]),
        references=_pairs(record["ref_segment"], "reference_identification_qualifier", "reference_identification"),
        dates=_pairs(record["dtp_segment"], "date_time_qualifier", "date_time_period"),
        rejections=_pairs(record["aaa_segment"], "reject_reason_code", "follow_up_action_code"),
        messages=tuple([message["free_form_text"] for message in record["msg_segment"]]),
        places=tuple([each["iii_segment"]["industry_code"] for each in additional]),
        related=tuple([_values(each["nm1_segment"], *_ENTITY) for each in related]),
    )  # fmt: skip


_CODES = (
    "eligibility_benefit_information", "coverage_level_code", "insurance_type_code", "plan_coverage_description",
    "time_period_qualifier", "quantity_qualifier", "authorization_certification_indicator", "inplan_network_indicator",
)  # fmt: skip
_ENTITY = (
    "entity_identifier_code", "entity_type_qualifier", "name_last_or_organization_name", "name_first",
    "identification_code_qualifier", "identification_code",
)  # fmt: skip


def _values(record: Record, *names: str) -> tuple[str, ...]:
    return tuple([record.get(name) or "" for name in names])


def _pairs(records: Sequence[Record], first: str, second: str) -> tuple[tuple[str, str], ...]:
    return tuple([(record[first], record[second]) for record in records])
