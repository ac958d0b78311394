"""What status codes mean: X12 list 508 as data with a version, and the entities that it speaks of.

The list changes three times a year: ``read_status_codes`` reads a newer one that an operator has got.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType

from edi.claim_status_codes import StatusCode
from edi.operators_tables import OperatorsTable

_ENTITY_NAMES = {
    "13": "contracted provider",
    "1P": "provider",
    "36": "employer",
    "40": "receiver",
    "41": "submitter",
    "71": "attending provider",
    "72": "operating provider",
    "77": "service location",
    "82": "rendering provider",
    "85": "billing provider",
    "87": "pay-to provider",
    "AY": "clearinghouse",
    "DK": "ordering provider",
    "DN": "referring provider",
    "FA": "facility",
    "GB": "other insured",
    "IL": "insured",
    "P3": "primary care provider",
    "PR": "payer",
    "PRP": "primary payer",
    "QC": "patient",
    "SEP": "secondary payer",
    "TTP": "tertiary payer",
    "X3": "utilization management organization",
}
"""Those that statuses name most often (data element 98)."""


def name_of_entity(code: str) -> str:
    """STC01-3 in words; by its code where there are none here."""
    return _ENTITY_NAMES.get(code) or (f"entity {code}" if code else "the entity")


@dataclass(frozen=True, slots=True)
class StatusCodeList:
    """List 508 of one version."""

    version: str
    meanings: Mapping[str, str]
    """Code to a few words for people; ``_`` stands for the entity that STC01-3 has to name."""

    def meaning(self, code: StatusCode) -> str:
        """A few words for people; empty for a code that is not in this list, or not of it."""
        if code.pharmacy:
            return ""
        return self.meanings.get(code.status, "").replace("_", name_of_entity(code.entity))


def read_status_codes(text: str) -> StatusCodeList:
    """Read list 508 from text: ``version`` and its name, then a line for each code, tabs between; ``#`` comments.

    Raises:
        ValueError: a line is not of that form, a code is there twice, or there is no version; says which line.
    """
    version = ""
    meanings: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        code, tab, meaning = line.partition("\t")
        if not tab or not meaning.strip() or code in meanings:
            raise ValueError(f"line {number}: expected a new code, a tab and its meaning")
        if code == "version":
            version = meaning.strip()
        elif code.isascii() and code.isalnum():
            meanings[code] = meaning.strip()
        else:
            raise ValueError(f"line {number}: a code is letters and digits")
    if not version:
        raise ValueError("the list does not say its version")
    return StatusCodeList(version, MappingProxyType(meanings))


def _carried_status_codes() -> StatusCodeList:
    return read_status_codes(files("edi").joinpath("claim_status_codes.tsv").read_text(encoding="utf-8"))


STATUS_CODES = OperatorsTable(_carried_status_codes)
"""By which this process tells what codes mean."""
