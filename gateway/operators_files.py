"""Tables of the operator's own, in place of those that the program carries: text files, tabs between columns.

Of claim status codes (X12 list 508): a line ``version`` and its name, then for each code a line with code and meaning,
in which ``_`` stands for the entity that STC01-3 names. Lines that begin with ``#`` are comments.

    version	2027-03
    35	claim not found
    562	NPI of _

Of the status codes that a remittance advice (835) comes to: as ``rules/claims/settlement_codes.tsv``, whose head
explains it. Of the plans that an 834 does not name by their ids: ``rules.enrolling.plan_choice`` explains it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from edi.claim_status_list import StatusCodeList, read_status_codes
from rules.claims.settlement_codes import SettlementCodes, read_settlement_codes
from rules.enrolling.plan_choice import PlanChoices, read_plan_choices

Table = TypeVar("Table")


def load_status_codes(path: Path) -> StatusCodeList:
    """The list of a file.

    Raises:
        ValueError: the file cannot be used; the text is the mend.
    """
    return _load(path, read_status_codes)


def load_settlement_codes(path: Path) -> SettlementCodes:
    """The table of a file.

    Raises:
        ValueError: the file cannot be used; the text is the mend.
    """
    return _load(path, read_settlement_codes)


def load_plan_choices(path: Path) -> PlanChoices:
    """The table of a file.

    Raises:
        ValueError: the file cannot be used; the text is the mend.
    """
    return _load(path, read_plan_choices)


def usable(load: Callable[[Path], Table]) -> Callable[[str], Path]:
    """What gives the path of a file that ``load`` can use; a ValueError's text is the mend."""

    def path_of(text: str) -> Path:
        path = Path(text)
        load(path)
        return path

    return path_of


def _load(path: Path, read: Callable[[str], Table]) -> Table:
    try:
        return read(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"give a file that can be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ValueError("give a file of UTF-8 text") from None
    except ValueError as problem:
        raise ValueError(f"put the list right: {problem}") from None
