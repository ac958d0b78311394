"""Patterns of X12's dates, times and characters (X12.6 data types DT, TM, AN), for use inside larger patterns.

The year is 1800 or later, and a day must be in its month, leap years included. No pattern here can backtrack.
"""

_DAYS = (
    "(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)|02(?:0[1-9]|1[0-9]|2[0-8]))"
)
_FOURTH_YEARS = "(?:0[48]|[2468][048]|[13579][26])"

DATE8 = f"(?:(?=1[89]|[2-9])(?:[0-9]{{4}}{_DAYS}|(?:[0-9][0-9]{_FOURTH_YEARS}|(?:[02468][048]|[13579][26])00)0229))"
"""CCYYMMDD."""

DATE6 = f"(?:[0-9]{{2}}{_DAYS}|(?:[02468][048]|[13579][26])0229)"
"""YYMMDD; the century (1950 to 2049) makes every fourth year a leap year."""

TIME4 = "(?:(?:[01][0-9]|2[0-3])[0-5][0-9])"
"""HHMM."""

TIME = f"(?:{TIME4}(?:[0-5][0-9](?:[0-9]{{1,2}})?)?)"
"""HHMM, HHMMSS, and HHMMSS with tenths or hundredths."""

PRINTABLE = "[ -~]"
"""X12's extended character set without letters beyond ASCII."""
