"""Bytes in; typed inquiries out, or findings that say what is wrong and where. No I/O."""

from parsers.checking import check
from parsers.inquiries import parse

__all__ = ["check", "parse"]
