"""Last names as they are compared: normalized as CAQH CORE 258 says.

A listed title or suffix goes when punctuation stands before it and a space or the end of the name after it; then
every special character goes; what remains is compared in upper case. Prefixes such as ``DE`` stay. A letter with an
accent is the letter without, because an inquiry cannot hold the accent.
"""

import re
from functools import lru_cache

from edi.texts import prose

_LENGTH_MAX = 1000
"""In characters; no element holds as many."""
_TITLE = re.compile(r"[ ,/](?:JR|SR|I|II|III|IV|V|RN|MD|MR|MS|DR|MRS|PHD|REV|ESQ)(?= |$)")
_SPECIAL = re.compile(r"""[!"&'()*+,\-./:;?=%@\[\]_{}\\|<>~#$^`\s]""")


@lru_cache(maxsize=65_536)
def normalize_last_name(name: str) -> str:
    """A last name in the form in which two spellings of it are equal.

    Idempotent: a normalized name normalizes to itself.
    """
    return _SPECIAL.sub("", _TITLE.sub("", _letters(name).strip()))


@lru_cache(maxsize=65_536)
def normalize_first_name(name: str) -> str:
    """A first name in upper case without special characters; CAQH CORE rules only over last names."""
    return _SPECIAL.sub("", _letters(name))


def _letters(name: str) -> str:
    """A name in upper case, as far as X12 can tell it."""
    return name.upper() if name.isascii() else prose(name, _LENGTH_MAX)
