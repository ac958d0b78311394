"""Bytes in; typed inquiries out, or findings that say what is wrong and where. No I/O."""
