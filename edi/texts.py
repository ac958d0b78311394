"""Stored and received texts in the characters that an X12 element can hold.

What is sent is upper case, in the letters, digits and marks of X12.6's character sets, without the four delimiters that
we write with and without spaces around it.
"""

import re
import textwrap
import unicodedata
from functools import lru_cache

from edi.delimiters import STANDARD

UNTELLABLE = "?"
"""Stands for a character that X12 has no like of."""
_MARKS = (STANDARD.element, STANDARD.repetition, STANDARD.component, STANDARD.segment)
_LETTERS = str.maketrans(
    {
        "Æ": "AE", "Œ": "OE", "Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "Þ": "TH", "Ħ": "H", "ẞ": "SS",
        "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‐": "-", "⁄": "/",
    }
)  # fmt: skip
"""Letters and marks that Unicode does not take apart, by what is written for them in English."""
_TELLABLE_PROSE = re.compile(r"(?! )[ -)+-9;-\]_`{-}]*(?<! )")
"""Printable ASCII without ``*``, ``:``, ``^``, ``~`` and lower case."""
_TELLABLE_MARK = re.compile(r"(?! )[ -)+-9;-\]_-}]*(?<! )")


def prose(text: str, length_max: int) -> str:
    """A name, an address or a sentence as it is sent: as much as fits; empty when nothing of it can be told.

    Letters lose their accents (``JOSÉ`` is ``JOSE``), a delimiter or a control character becomes a space.
    """
    if len(text) <= length_max and _TELLABLE_PROSE.fullmatch(text):
        return text
    return _prose(text)[:length_max].rstrip()


def paragraphs(text: str, length_max: int) -> list[str]:
    """A text of any length in pieces that fit, broken between words where that is possible."""
    pieces = [piece.strip() for piece in textwrap.wrap(_prose(text), length_max)]
    return [piece for piece in pieces if piece]


@lru_cache(maxsize=65_536)
def _prose(text: str) -> str:
    taken_apart = unicodedata.normalize("NFKD", text.upper()).translate(_LETTERS).upper()
    return " ".join("".join([" " if each in _MARKS else _tell(each) for each in taken_apart]).split())


def mark(text: str) -> str:
    """An identifier, kept as it is: only what cannot be told in it is replaced, each character by one."""
    if not text or (text.isalnum() and text.isascii()) or _TELLABLE_MARK.fullmatch(text):
        return text
    return "".join([UNTELLABLE if each in _MARKS else _tell(each) or UNTELLABLE for each in text]).strip()


def _tell(character: str) -> str:
    """A character that X12 can hold: itself, a space, nothing (an accent, a joiner), or ``UNTELLABLE``."""
    if " " <= character <= "~":
        return character
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return ""
    return " " if character.isspace() or unicodedata.category(character) == "Cc" else UNTELLABLE
