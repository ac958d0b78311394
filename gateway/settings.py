"""What an operator sets, from ``EDI_GATEWAY_*`` environment variables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import tzinfo
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import msgspec

from gateway.operators_files import load_plan_choices, load_settlement_codes, load_status_codes, usable
from gateway.profile_file import usable_profile

PREFIX = "EDI_GATEWAY_"
NAMES_OF_OTHER_COMMANDS = frozenset({"EDI_GATEWAY_API_KEY", "EDI_GATEWAY_URL"})
"""Read by ``edi-gateway send``, not by the server."""

INTERCHANGE_QUALIFIERS = ("01", "14", "20", "27", "28", "29", "30", "33", "ZZ")
"""X12 I05, as far as the guides allow it in ISA05 and ISA07."""

LOG_LEVELS = ("debug", "info", "warning", "error")


class BadSettings(Exception):  # noqa: N818 - names the state of the environment
    """Some variables cannot be used; ``problems`` has one line for each, with the mend and without the value."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Settings:
    """One process's settings. Each field is read from the variable of its name in capitals after ``EDI_GATEWAY_``."""

    database_url: str | None = field(default=None, repr=False)
    """PostgreSQL of the operator; None starts the embedded one."""
    redis_url: str | None = field(default=None, repr=False)
    """Redis or Valkey of the operator; None starts the embedded one."""
    data: Path = Path("edi-gateway-data")
    """Folder of the embedded servers' data."""
    host: str = "127.0.0.1"
    port: int = 8270
    workers: int = 1
    """Processes that answer requests."""
    payer_name: str = "EXAMPLE HEALTH PLAN"
    """NM103 in loop 2100A of an answer."""
    payer_id: str = "99999"
    """NM109 with qualifier PI in loop 2100A, and GS02 of an answer."""
    payer_tax_id: str = "990000000"
    """Nine digits; TRN03 of our own traces, after a leading 1."""
    payer_interchange_qualifier: str = "ZZ"
    """ISA05 of an answer, ISA07 of an inquiry."""
    payer_interchange_id: str = "EDIGATEWAY"
    """ISA06 of an answer, ISA08 of an inquiry."""
    time_zone: str = "America/New_York"
    """The payer's calendar: it says which day is today."""
    profile: Path | None = None
    """TOML file: what is told, how members and claims are found (``gateway.profile_file``); None: the defaults."""
    status_codes: Path | None = None
    """X12 list 508, newer than the one that the program carries (``gateway.operators_files``)."""
    settlement_codes: Path | None = None
    """Which status codes an 835 comes to, in place of the table that the program carries."""
    plan_choices: Path | None = None
    """Which plans an 834 means that it does not name by their ids (``rules.enrolling.plan_choice``)."""
    log_level: str = "info"
    access_log: bool = False
    """One log line per request; costs about as much as a look-up."""
    interchange_bytes_max: int = 256 * 1024
    requests_in_work_max: int = 512
    requests_in_work_per_submitter_max: int = 256
    changes_kept_days: int = 90
    """How far back changes of claims and reviews can be followed; what is older is taken away."""

    @property
    def zone(self) -> tzinfo:
        """The payer's time zone."""
        return ZoneInfo(self.time_zone)


Reader = Callable[[str], object]
"""Turns a variable's text into a field's value; a ValueError's text is the mend."""


def _number(least: int, most: int) -> Reader:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text[:12]) <= most):
            raise ValueError(f"give a whole number from {least} to {most}")
        return int(text)

    return read


def _url(*schemes: str) -> Reader:
    def read(text: str) -> str:
        try:
            url = urlsplit(text)
            reachable = url.scheme in schemes and (url.hostname or url.path or url.query)
            _ = url.port
        except ValueError:
            reachable = None
        if not reachable:
            raise ValueError(f"give a URL that starts with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return text

    return read


def _one_of(*choices: str) -> Reader:
    def read(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f"give one of {', '.join(choices)}")
        return text.lower()

    return read


def _x12_text(least: int, most: int) -> Reader:
    """Text that X12's basic character set holds, as it goes into an element of these lengths."""
    allowed = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !\"&'()+,-./;?=")

    def read(text: str) -> str:
        if not least <= len(text) <= most or text != text.strip() or not allowed.issuperset(text):
            raise ValueError(f"give {least} to {most} characters of X12's basic set (capitals, digits, space, -.,&)")
        return text

    return read


def _nine_digits(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) == 9):
        raise ValueError("give nine digits")
    return text


def _qualifier(text: str) -> str:
    if text not in INTERCHANGE_QUALIFIERS:
        raise ValueError(f"give one of {', '.join(INTERCHANGE_QUALIFIERS)}")
    return text


def _time_zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError("give an IANA time zone such as America/New_York")
    return text


def _switch(text: str) -> bool:
    if text.lower() not in ("0", "1", "false", "true", "no", "yes"):
        raise ValueError("give true or false")
    return text.lower() in ("1", "true", "yes")


def _host(text: str) -> str:
    if not text or any(character.isspace() or character == "/" for character in text):
        raise ValueError("give a host name or address, without a scheme or port")
    return text


READERS: Mapping[str, Reader] = {
    "database_url": _url("postgresql", "postgres"),
    "redis_url": _url("redis", "rediss", "unix"),
    "data": Path,
    "host": _host,
    "port": _number(0, 65_535),
    "workers": _number(1, 256),
    "payer_name": _x12_text(1, 60),
    "payer_id": _x12_text(2, 15),
    "payer_tax_id": _nine_digits,
    "payer_interchange_qualifier": _qualifier,
    "payer_interchange_id": _x12_text(1, 15),
    "time_zone": _time_zone,
    "profile": usable_profile,
    "status_codes": usable(load_status_codes),
    "settlement_codes": usable(load_settlement_codes),
    "plan_choices": usable(load_plan_choices),
    "log_level": _one_of(*LOG_LEVELS),
    "access_log": _switch,
    "interchange_bytes_max": _number(1024, 16 * 1024 * 1024),
    "requests_in_work_max": _number(1, 100_000),
    "requests_in_work_per_submitter_max": _number(1, 100_000),
    "changes_kept_days": _number(1, 3_650),
}
"""How each field is read."""


def variable(name: str) -> str:
    """The environment variable of a field."""
    return PREFIX + name.upper()


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings of this environment; empty variables count as not set.

    Raises:
        BadSettings: with a line for each variable that cannot be used.
    """
    values: dict[str, object] = {}
    problems = []
    for name, read in READERS.items():
        text = environment.get(variable(name), "").strip()
        if not text:
            continue
        try:
            values[name] = read(text)
        except ValueError as mend:
            problems.append(f"{variable(name)} cannot be used: {mend}")
    if problems:
        raise BadSettings(tuple(problems))
    return Settings(**values)  # type: ignore[arg-type]


def unknown_variables(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Variables that look like ours and are not read by anything: most likely misspelt."""
    known = {variable(each.name) for each in fields(Settings)} | NAMES_OF_OTHER_COMMANDS
    return tuple(sorted(name for name in environment if name.startswith(PREFIX) and name not in known))


def encode_settings(settings: Settings) -> bytes:
    """Settings as one line for a process of ours; it has secrets."""
    return msgspec.json.encode(settings, enc_hook=str)


def decode_settings(line: bytes) -> Settings:
    """What ``encode_settings`` wrote."""
    return msgspec.json.decode(line, type=Settings, dec_hook=lambda kind, text: kind(text))
