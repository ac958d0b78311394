"""The four characters that an interchange declares in its ISA segment (X12.5, ISA11, ISA16)."""

from dataclasses import dataclass

from edi.errors import CallerError


@dataclass(frozen=True, slots=True)
class Delimiters:
    """Separators of one interchange; four different characters, none a letter, a digit or a space."""

    element: str = "*"
    repetition: str = "^"
    component: str = ":"
    segment: str = "~"

    def __post_init__(self) -> None:
        marks = (self.element, self.repetition, self.component, self.segment)
        if len(set(marks)) != len(marks):
            raise CallerError("two delimiters are the same character")
        if any(len(mark) != 1 or mark.isalnum() or mark == " " for mark in marks):
            raise CallerError("a delimiter is one character, not a letter, a digit or a space")


STANDARD = Delimiters()
