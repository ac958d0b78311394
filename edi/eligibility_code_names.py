"""X12's short names of the codes in a 271, for people (005010X279A1)."""

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType


class CodeList(StrEnum):
    """Which element's codes."""

    BENEFIT = "EB01"
    COVERAGE_LEVEL = "EB02"
    SERVICE_TYPE = "EB03"
    INSURANCE_TYPE = "EB04"
    TIME_PERIOD = "EB06"
    QUANTITY = "EB09"
    NETWORK = "EB12"
    REJECT_REASON = "AAA03"
    FOLLOW_UP = "AAA04"
    RELATIONSHIP = "INS02"
    ENTITY = "NM101"


@lru_cache(maxsize=1)
def code_names() -> Mapping[CodeList, Mapping[str, str]]:
    """The names of each list's codes."""
    names: dict[CodeList, dict[str, str]] = {each: {} for each in CodeList}
    for line in files("edi").joinpath("eligibility_code_names.tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            element, code, name = line.split("\t")
            names[CodeList(element)][code] = name
    return MappingProxyType({each: MappingProxyType(of_list) for each, of_list in names.items()})


def name_of(code_list: CodeList, code: str) -> str:
    """A code's name; empty for none and for a code that the list does not have."""
    return code_names()[code_list].get(code, "")
