"""A service calendar as the JSON that an operator edits: `rules.facts.service_hours` by its own names."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from rules.facts.service_hours import ServiceCalendar

_TIMES_OF_DAY = ("opens", "closes")
_TO_THE_MINUTE = re.compile(r"[0-9]{2}:[0-9]{2}")


class NotACalendar(ValueError):  # noqa: N818 - says what the file is
    """A file holds no calendar; the message says where."""


def write_calendar(calendar: ServiceCalendar) -> str:
    """The calendar as a file."""
    return msgspec.json.format(msgspec.json.encode(calendar), indent=2).decode() + "\n"


def parse_calendar(data: bytes) -> ServiceCalendar:
    """The calendar of a file; whether it can be used is another question (`rules.service_hours.find_problems`).

    Raises:
        NotACalendar: it is no JSON, lacks something, has something of another kind or something that is not known.
    """
    try:
        given = _with_seconds(msgspec.json.decode(data))
        calendar = msgspec.convert(given, ServiceCalendar)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NotACalendar(f"this is no calendar: {error}") from None
    strange = next(_strange(given, msgspec.to_builtins(calendar), "$"), None)
    if strange is not None:
        raise NotACalendar(f"this is no calendar: nothing is called {strange}")
    return calendar


def _with_seconds(given: Any, name: str = "") -> Any:
    """The same with times of day that are written as people do, ``05:00``, to the second."""
    if isinstance(given, dict):
        return {each: _with_seconds(value, each) for each, value in given.items()}
    if isinstance(given, list):
        return [_with_seconds(value) for value in given]
    is_short = name in _TIMES_OF_DAY and isinstance(given, str) and _TO_THE_MINUTE.fullmatch(given) is not None
    return f"{given}:00" if is_short else given


def _strange(given: Any, known: Any, path: str) -> Iterator[str]:
    """Where there is something that was not read: a misspelt name must not open what it was to close."""
    if isinstance(given, dict):
        for name, value in given.items():
            if name not in known:
                yield f"{path}.{name}"
            else:
                yield from _strange(value, known[name], f"{path}.{name}")
    elif isinstance(given, list):
        for place, value in enumerate(given):
            yield from _strange(value, known[place], f"{path}[{place}]")
