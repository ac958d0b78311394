"""The operator's own list of claim status codes (X12 list 508), newer than the one that the program carries.

A text file: a line ``version``, a tab and its name, then for each code a line with code, tab and meaning, in which
``_`` stands for the entity that STC01-3 names. Lines that begin with ``#`` are comments.

    version	2027-03
    35	claim not found
    562	NPI of _
"""

from pathlib import Path

from edi.claim_status_codes import StatusCodeList, read_status_codes


def load_status_codes(path: Path) -> StatusCodeList:
    """The list of a file.

    Raises:
        ValueError: the file cannot be used; the text is the mend.
    """
    try:
        return read_status_codes(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"give a file that can be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ValueError("give a file of UTF-8 text") from None
    except ValueError as problem:
        raise ValueError(f"put the list right: {problem}") from None


def usable_status_codes(text: str) -> Path:
    """The path of a list that can be used; a ValueError's text is the mend."""
    path = Path(text)
    load_status_codes(path)
    return path
