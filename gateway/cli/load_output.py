"""What ``load`` says of an X12 file: lines without anything that the file holds of patients."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gateway.cli.terminal import visible
from gateway.store.filed import PassedOver
from parsers.explaining import mend, message
from parsers.filing import SetOpened
from parsers.streaming import Found

_CONTROL_NUMBER = re.compile("[A-Za-z0-9]{1,9}")
_KIND = re.compile("[0-9]{3} [0-9A-Z]{6,12}")
"""ST01 and GS08."""


def told_finding(found: Found) -> str:
    """``transaction set 0001, segment 12, loop 2300: CLM05-3 ...: the value is not in ... [IK4 7]. Use a code ...``."""
    finding = found.finding
    envelopes = (("transaction set", found.transaction), ("group", found.group), ("interchange", found.interchange))
    innermost = next((f"{kind} {_control_number(number)}" for kind, number in envelopes if number), "")
    places = (
        innermost,
        f"segment {finding.segment}" if finding.segment else "",
        f"loop {finding.loop.rpartition('/')[2]}" if finding.loop else "",
    )
    place = ", ".join(part for part in places if part)
    return f"{place}: {visible(message(finding))} [{finding.level} {finding.code}]. {mend(finding)}"


def told_passed_over(passed_over: PassedOver) -> str:
    """``transaction set 0001, segment 33, CLM: the reason``."""
    place = passed_over.place
    return f"transaction set {_control_number(place.transaction)}, segment {place.position}, {place.identifier}: " + (
        passed_over.reason
    )


def told_foreign_set(opened: SetOpened, taken: Iterable[tuple[str, str]]) -> str:
    """That a set is of a kind which is not read here."""
    kinds = ", ".join(f"{transaction} {guide}" for transaction, guide in sorted(taken))
    kind = f"{opened.identifier} {opened.guide}"
    told = kind if _KIND.fullmatch(kind) else "what is no transaction set of a guide"
    return f"transaction set {_control_number(opened.transaction)}: {told} is not loaded here; what is: {kinds}"


def _control_number(sent: str) -> str:
    """ISA13, GS06 or ST02 as it was sent; where it cannot be one, anything may have slipped into its place."""
    return sent if _CONTROL_NUMBER.fullmatch(sent) else "without a control number"
