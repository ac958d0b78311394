"""Whether all documents that a pended review asks for have come, and since when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from edi.services_review_answer import LevelAnswer


@dataclass(frozen=True, slots=True)
class DocumentCame:
    """A document, as the record notes it."""

    noted_at: datetime
    control_number: str = ""
    """PWK06 under which it was asked for."""
    loinc: str = ""

    @property
    def names_nothing(self) -> bool:
        """Whether it says that what was asked for has come, and not which of it."""
        return not (self.control_number or self.loinc)


def all_in_at(levels: Iterable[LevelAnswer], came: Iterable[DocumentCame]) -> datetime | None:
    """Since when everything that these levels ask for is in; None: something is missing, or nothing has come.

    It is when each has come by its control number, or each by its LOINC code where all were asked for by one; or when
    it was noted without saying which.
    """
    asking = list(levels)
    numbers = {each.control_number for level in asking for each in level.wanted}
    codes = {code for level in asking for code in level.wanted_codes}
    all_have_codes = sum(len(level.wanted) for level in asking) <= sum(len(level.wanted_codes) for level in asking)
    for document in sorted(came, key=lambda each: each.noted_at):
        numbers.discard(document.control_number)
        codes.discard(document.loinc)
        if document.names_nothing or not numbers or (all_have_codes and not codes):
            return document.noted_at
    return None
