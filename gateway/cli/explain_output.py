"""What ``explain`` prints for people."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Console
from rich.text import Text

from gateway.cli.terminal import visible
from gateway.explaining.explanation import (
    Asker,
    Explanation,
    Fault,
    Line,
    Match,
    Member,
    PatientExplained,
    Refusal,
    ReviewStory,
    ServiceHours,
)

_LABEL_WIDTH = 13


def show(explanation: Explanation, console: Console) -> None:
    """Print an explanation."""
    for line in _lines(explanation):
        console.print(line)


def _lines(explanation: Explanation) -> Iterator[Text]:
    yield from _head(explanation)
    if explanation.hours is not None:
        yield _labelled("hours", _hours(explanation.hours))
    for fault in explanation.faults:
        yield from _fault(fault)
    if explanation.review is not None:
        yield from _story(explanation.review)
    for patient in explanation.patients:
        yield Text()
        yield from _patient(patient)
    yield Text()
    yield from _grounds(explanation)
    yield from (Text(segment, "cyan") for segment in explanation.answer)


def _head(explanation: Explanation) -> Iterator[Text]:
    number = "" if explanation.control_number is None else f", control number {explanation.control_number:09d}"
    trace = f" {explanation.trace}" if explanation.trace else ""
    yield Text(f"{explanation.outcome}{trace}{number}", "bold")
    yield _labelled("asked by", f"{explanation.submitter_id}, {explanation.transaction} in {explanation.mode}")
    yield _labelled("their numbers", ", ".join(f"{name} {value}" for name, value in explanation.references.items()))
    sent = "never sent" if explanation.sent_at is None else f"sent {_moment(explanation.sent_at)}"
    held = "" if explanation.released_at is None else f"held until {_moment(explanation.released_at)}, "
    yield _labelled("times", f"received {_moment(explanation.received_at)}, {held}{sent}")
    if explanation.is_same:
        yield _labelled("computed again", "the same, byte for byte", "green")
    else:
        yield _labelled("computed again", f"NOT the same; program {explanation.program} answered", "red")


def _hours(hours: ServiceHours) -> str:
    detail = f" ({hours.detail})" if hours.detail else ""
    window = f", {hours.window}" if hours.window else ""
    until = f"; {'closed' if hours.is_open else 'opens'} {_moment(hours.changes_at)}" if hours.changes_at else ""
    return f"{hours.function} was {'open' if hours.is_open else 'closed'}: {hours.reason}{detail}{window}{until}"


def _story(story: ReviewStory) -> Iterator[Text]:
    numbers = f"{story.administrative_reference} {story.certification_number}".rstrip()
    again = ", told again from its file" if story.is_told_from_file else ""
    yield _labelled("review", f"{numbers}: decided by {story.decided_by} {_moment(story.decided_at)}{again}")
    for step in story.history:
        yield _labelled("", f"{_moment(step.recorded_at)}  {step.kind} by {step.made_by}")


def _fault(fault: Fault) -> Iterator[Text]:
    yield Text(f"  {fault.place}  [{fault.code}]", "yellow")
    yield Text(f"    {fault.meaning}")
    yield Text(f"    → {fault.mend}", "green")


def _patient(patient: PatientExplained) -> Iterator[Text]:
    for member in patient.members:
        yield _labelled(f"patient {member.loop}", _member(member))
    yield _labelled("provider", _provider(patient.asker))
    yield _labelled("entitled by", _entitlement(patient.asker))
    if patient.match is not None:
        yield from _match(patient.match)
    yield from _refusals(patient.refusals, "  ")
    for line in patient.lines:
        yield from _line(line)


def _member(member: Member) -> str:
    parts = (member.last_name, member.first_name, member.member_id, member.birth_date)
    return " ".join(part for part in parts if part) or "nothing sent"


def _provider(asker: Asker) -> str:
    sent = f"{asker.identifier_qualifier} {asker.identifier}".strip()
    return f"{sent}: {asker.name} ({asker.provider_id})" if asker.provider_id else f"{sent}: nobody on file"


def _entitlement(asker: Asker) -> str:
    if asker.valid_from is None:
        return "nothing"
    until = "" if asker.valid_until is None else f" until {_moment(asker.valid_until)}"
    return (
        f"TIN {asker.tin} for {asker.function}, from {_moment(asker.valid_from)}{until}, granted by {asker.granted_by}"
    )


def _match(match: Match) -> Iterator[Text]:
    changed = [name for name, is_so in (("id", match.id_changed), ("name", match.name_changed)) if is_so]
    corrected = f"; another {' and '.join(changed)} on file" if changed else ""
    yield _labelled("searched by", f"{', '.join(match.searched_by)}; agree: {', '.join(match.matched_by)}{corrected}")
    yield _labelled("found", f"contract {match.contract}, person {match.person}")
    for coverage in match.coverages:
        until = "" if coverage.end is None else f" to {coverage.end}"
        yield _labelled("coverage", f"plan {coverage.plan} from {coverage.begin}{until}")


def _line(line: Line) -> Iterator[Text]:
    yield Text("  " + " ".join(line.segments), "cyan")
    yield from (Text(f"    {meaning}") for meaning in line.meanings)
    yield Text(f"    because of {line.rule}: {line.source}" if line.source else f"    because of {line.rule}")
    yield from _refusals(line.refusals, "    ")


def _refusals(refusals: Sequence[Refusal], indent: str) -> Iterator[Text]:
    for refusal in refusals:
        where = f"{refusal.loop} {refusal.element}".strip()
        yield Text(f"{indent}AAA {refusal.code} {refusal.action} at {where}", "yellow")
        yield Text(f"{indent}  {refusal.meaning}")
        yield Text(f"{indent}  → {refusal.mend}", "green")


def _grounds(explanation: Explanation) -> Iterator[Text]:
    for fact in explanation.facts:
        version = f"version {fact.version}" if fact.version else "nothing there"
        yield _labelled("on", f"{fact.kind} {visible(fact.name)}, {version}")
    stages = ", ".join(f"{stage} {seconds * 1e6:,.0f} µs" for stage, seconds in explanation.stages.items())
    yield _labelled("took", stages)


def _labelled(label: str, value: str, style: str = "") -> Text:
    return Text.assemble((f"{label:<{_LABEL_WIDTH}} ", "dim"), (visible(value), style))


def _moment(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="milliseconds")
