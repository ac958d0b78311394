"""Names, ids and birth dates so that whoever has them recognizes them and nobody else learns them."""

from dataclasses import dataclass
from datetime import date

HIDDEN = "***"
_IDENTIFIER_CHARACTERS_SHOWN_MAX = 4


@dataclass(frozen=True, slots=True)
class Mask:
    """Hides what identifies a patient, or shows it as it is (``is_clear``)."""

    is_clear: bool = False

    def name(self, text: str) -> str:
        """The first letter."""
        return text if self.is_clear or not text else f"{text[0]}{HIDDEN}"

    def identifier(self, text: str) -> str:
        """The last characters: at most four, and at most a third."""
        if self.is_clear or not text:
            return text
        shown = min(_IDENTIFIER_CHARACTERS_SHOWN_MAX, len(text) // 3)
        return f"{HIDDEN}{text[len(text) - shown :]}"

    def birth_date(self, day: date | None) -> str:
        """The day of the month."""
        if day is None:
            return ""
        return day.isoformat() if self.is_clear else f"{HIDDEN}{day.day:02d}"
