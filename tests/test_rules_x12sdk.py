"""Another reader, x12sdk, finds in our 271s the benefit lines that were decided."""

from pydantic import ValidationError
from x12sdk.io import X12ModelReader

from tests.case_tables import answer, interchange, read_tables

BOOKS, CASES = read_tables()

REFUSED_BY_X12SDK = {
    "ls_segment": "takes LS and LE for a part of loop 2115 instead of 2120",
    "le_segment": "the same",
    "quantity_qualifier": "takes EB09 for a number",
    "reject_reason_code": "has the AAA03 of loop 2100B in 2100C and 2100D too",
    "insurance_type_code": "lacks some codes of EB04, PS among them",
    "service_type_code": "demands EB03 where EB13 stands for it",
    "identification_code_qualifier": "demands NM108 in loop 2120",
    "name_last_or_organization_name": "demands NM103 in loop 2100D",
}
"""What its models are stricter about than the guide."""


def test_x12sdk_reads_the_benefit_lines_as_they_were_decided() -> None:
    read = 0
    for case in CASES:
        data = interchange(answer(case, BOOKS[case.table])).decode()
        try:
            with X12ModelReader(data) as reader:
                (model,) = reader.models()
        except ValidationError as refusal:
            names = {next(part for part in reversed(e["loc"]) if isinstance(part, str)) for e in refusal.errors()}
            assert names <= REFUSED_BY_X12SDK.keys(), case.name
            continue
        assert _benefit_lines(model.x12()) == _benefit_lines(data), case.name
        read += 1
    assert read > len(CASES) / 2


def _benefit_lines(text: str) -> list[str]:
    return [line for line in text.replace("\n", "").split("~") if line.startswith("EB*")]
