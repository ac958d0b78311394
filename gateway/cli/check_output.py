"""What ``check`` prints: lines for people, or one JSON object a file."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from edi.sensitive import is_sensitive
from gateway.cli.check_files import FileVerdict
from gateway.cli.check_reference import Comparison
from gateway.cli.terminal import visible
from parsers.explaining import explain, mend, message
from parsers.findings import Finding
from parsers.reference import Point
from parsers.streaming import Found

FINDINGS_SHOWN_MAX = 50
"""For people, of one file; ``--json`` gives all that were kept."""
VALUE_SHOWN_CHARACTERS_MAX = 40
FREQUENT_SHOWN_MAX = 5

_STATES = ("accepted", "rejected", "unreadable")
_STYLES = ("green", "red", "magenta")
_MARKS = ("✓", "✗", "?")


def json_line(verdict: FileVerdict, *, acknowledge: bool) -> str:
    """One line for a program; a finding never holds the bad value."""
    check = verdict.check
    told: dict[str, object] = {
        "file": verdict.file,
        "accepted": verdict.accepted,
        "interchanges": check.interchanges if check.is_x12 else 0,
        "transactions": check.transactions,
        "findings": [_json_finding(found, verdict) for found in check.findings],
        "findings_total": check.findings_total,
    }
    if verdict.unreadable:
        told["unreadable"] = verdict.unreadable
    if verdict.comparison is not None:
        told["reference"] = _json_comparison(verdict.comparison)
    if acknowledge:
        told["acknowledgment"] = b"".join(check.acknowledgments).decode("ascii")
    return json.dumps(told)


def _json_finding(found: Found, verdict: FileVerdict) -> dict[str, object]:
    finding = found.finding
    return {
        "level": finding.level.value,
        "code": finding.code.value,
        "segment": finding.segment,
        "segment_id": visible(finding.segment_id),
        "element": finding.element,
        "component": finding.component,
        "repetition": finding.repetition,
        "loop": finding.loop,
        "message": visible(message(finding)),
        "mend": mend(finding),
        "line": verdict.line(found),
        "offset": finding.offset,
        "interchange": visible(found.interchange),
        "group": visible(found.group),
        "transaction": visible(found.transaction),
    }


def _json_comparison(comparison: Comparison) -> dict[str, object]:
    return {
        "accepted": comparison.accepted,
        "gave_up": comparison.gave_up,
        "same": comparison.same,
        "both": len(comparison.both),
        "only_pyx12": [asdict(point) for point in comparison.only_pyx12],
        "only_here": [asdict(point) for point in comparison.only_here],
    }


def show(verdict: FileVerdict, console: Console, *, acknowledge: bool) -> None:
    """The verdict on one file, for people."""
    _print(console, _headline(verdict))
    findings = verdict.check.findings
    for found in findings[:FINDINGS_SHOWN_MAX]:
        for line in _finding_lines(found, verdict):
            _print(console, line)
    if (rest := verdict.check.findings_total - FINDINGS_SHOWN_MAX) > 0:
        _print(console, Text(f"  and {rest:,} more", "dim"))
    if verdict.comparison is not None:
        for line in _comparison_lines(verdict.comparison):
            _print(console, line)
    if acknowledge and (text := acknowledgment_text(verdict)):
        _print(console, Text(text, "cyan"))


def acknowledgment_text(verdict: FileVerdict) -> str:
    """The acknowledgments with a line for each segment, empty when none would be sent."""
    return b"".join(verdict.check.acknowledgments).decode("ascii").replace("~", "~\n").rstrip()


def show_summary(verdicts: Sequence["Tally"], console: Console) -> None:
    """All files together, for people."""
    states = Counter(tally.exit_status for tally in verdicts)
    parts = [f"{states[status]:,} {_STATES[status]}" for status in range(3) if states[status]]
    transactions = sum(tally.transactions for tally in verdicts)
    rejected = sum(tally.transactions_rejected for tally in verdicts)
    _print(console, Text(f"\n{len(verdicts):,} files: {', '.join(parts)}", "bold"))
    _print(console, Text(f"{transactions:,} transaction sets, {rejected:,} with errors"))
    frequent = Counter[tuple[str, str, str]]()
    for tally in verdicts:
        frequent.update(tally.kinds)
    for (level, code, meaning), count in frequent.most_common(FREQUENT_SHOWN_MAX):
        _print(console, Text(f"{count:>7,} × {level} {code}: {meaning}"))


class Tally:
    """What the summary keeps of a file."""

    __slots__ = ("exit_status", "kinds", "transactions", "transactions_rejected")

    def __init__(self, verdict: FileVerdict) -> None:
        self.exit_status = verdict.exit_status
        self.transactions = verdict.check.transactions
        self.transactions_rejected = verdict.check.transactions_rejected
        self.kinds = Counter(_kind(found.finding) for found in verdict.check.findings)


def _kind(finding: Finding) -> tuple[str, str, str]:
    return finding.level.value, finding.code.value, explain(finding.code).meaning


def _headline(verdict: FileVerdict) -> Text:
    check, status = verdict.check, verdict.exit_status
    line = Text.assemble(
        (f"{_MARKS[status]} ", _STYLES[status]),
        (visible(verdict.file), "bold"),
        (f"  {_STATES[status]}", _STYLES[status]),
    )
    if verdict.unreadable:
        return line.append(f": {verdict.unreadable}")
    line.append(f": {_counted(check.transactions, 'transaction set')} in {_counted(check.interchanges, 'interchange')}")
    if check.findings_total:
        line.append(f", {_counted(check.findings_total, 'finding')}")
        line.append(f", {check.transactions_rejected:,} of the sets with errors" if check.transactions > 1 else "")
    return line


def _finding_lines(found: Found, verdict: FileVerdict) -> Iterator[Text]:
    finding = found.finding
    place = Text(f"  {_place(found, verdict)}", "dim")
    yield place.append(f"  [{finding.level.value} {finding.code.value}]", "yellow")
    value = _shown_value(finding)
    yield Text(f"    {visible(message(finding))}{value}")
    yield Text(f"    → {mend(finding)}", "green")


def _place(found: Found, verdict: FileVerdict) -> str:
    """``line 8, transaction set 0001, segment 7, loop 2100C``."""
    finding = found.finding
    line = verdict.line(found)
    envelopes = (("interchange", found.interchange), ("group", found.group), ("transaction set", found.transaction))
    innermost = next(((kind, number) for kind, number in reversed(envelopes) if number), None)
    parts = [
        f"line {line}" if line else "",
        f"{innermost[0]} {visible(innermost[1])}" if innermost else "",
        f"segment {finding.segment}" if finding.segment else "",
        f"loop {finding.loop.rpartition('/')[2]}" if finding.loop else "",
    ]
    return ", ".join(part for part in parts if part)


def _comparison_lines(comparison: Comparison) -> Iterator[Text]:
    state = f"gave up ({comparison.gave_up})" if comparison.gave_up else _STATES[int(not comparison.accepted)]
    agreed = "the same findings" if comparison.same else _counted(len(comparison.both), "common finding")
    yield Text(f"  pyx12: {state}, {agreed}", "blue")
    for who, points in (("only pyx12", comparison.only_pyx12), ("only here", comparison.only_here)):
        for point in points[:FINDINGS_SHOWN_MAX]:
            yield Text(f"    {who}: {_point(point)}", "blue")


def _point(point: Point) -> str:
    """``interchange 1, group 1, transaction set 2, segment 9, element 3  [IK4 7]``."""
    kinds = ("interchange", "group", "transaction set", "segment", "element", "component")
    numbers = (point.interchange, point.group, point.transaction, point.segment, point.element, point.component)
    place = ", ".join(f"{kind} {number}" for kind, number in zip(kinds, numbers, strict=True) if number)
    return f"{place}  [{point.level.value} {point.code}]"


def _shown_value(finding: Finding) -> str:
    """The bad value, unless it may tell who a patient is."""
    if not finding.value or is_sensitive(finding.segment_id, finding.data_element):
        return ""
    cut = "…" if len(finding.value) > VALUE_SHOWN_CHARACTERS_MAX else ""
    return f" (it is “{visible(finding.value[:VALUE_SHOWN_CHARACTERS_MAX])}{cut}”)"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _print(console: Console, line: Text) -> None:
    console.print(line, soft_wrap=True, highlight=False)
