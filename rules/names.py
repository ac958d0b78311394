"""Last names as they are compared: normalized as CAQH CORE 258 says.

A listed title or suffix goes when punctuation stands before it and a space or the end of the name after it; then
every special character goes; what remains is compared in upper case. Prefixes such as ``DE`` stay.
"""

import re
from functools import lru_cache

_TITLE = re.compile(r"[ ,/](?:JR|SR|I|II|III|IV|V|RN|MD|MR|MS|DR|MRS|PHD|REV|ESQ)(?= |$)")
_SPECIAL = re.compile(r"""[!"&'()*+,\-./:;?=%@\[\]_{}\\|<>~#$^`\s]""")


@lru_cache(maxsize=65_536)
def normalize_last_name(name: str) -> str:
    """A last name in the form in which two spellings of it are equal.

    Idempotent: a normalized name normalizes to itself.
    """
    return _SPECIAL.sub("", _TITLE.sub("", name.strip().upper()))


@lru_cache(maxsize=65_536)
def normalize_first_name(name: str) -> str:
    """A first name in upper case without special characters; CAQH CORE rules only over last names."""
    return _SPECIAL.sub("", name.upper())
