"""What was wrong with the X12 itself, where an answer is a TA1 or a 999."""

import re
from collections.abc import Iterator

from edi.acknowledgment_codes import TransactionError
from gateway.explaining.explanation import Fault
from gateway.receiving import Received
from parsers.explaining import explain, mend, message
from parsers.findings import Code, Finding, Level
from parsers.frames import Interchange, TransactionSet

_SEGMENT_ID = re.compile(r"[A-Z][A-Z0-9]{1,2}")


def explain_faults(received: Received) -> Iterator[Fault]:
    """One for each thing that the TA1 or the 999s told."""
    interchange = received.interchange
    if received.note is not None:
        yield from (_found(finding, "interchange") for finding in interchange.findings)
        if not interchange.findings:
            yield _plain(Level.INTERCHANGE, received.note, "interchange")
        return
    for group in interchange.groups:
        place = f"functional group {group.control_number}"
        yield from (_found(finding, place) for finding in group.findings)
        for transaction in group.transactions:
            yield from (_found(finding, _place(transaction)) for finding in transaction.findings)
    yield from _not_supported(received, interchange)


def _not_supported(received: Received, interchange: Interchange) -> Iterator[Fault]:
    """Sets without a fault that ask nothing which is answered."""
    answered = {id(question.transaction) for question in received.questions}
    told = {group.control_number for group in received.acknowledgments}
    for group in interchange.groups:
        if group.control_number in told and not group.findings:
            for transaction in group.transactions:
                if not transaction.findings and id(transaction) not in answered:
                    yield _plain(Level.TRANSACTION, TransactionError.NOT_SUPPORTED, _place(transaction))


def _place(transaction: TransactionSet) -> str:
    return f"transaction set {transaction.control_number}"


def _found(finding: Finding, place: str) -> Fault:
    segment = f", segment {finding.segment}" if finding.segment else ""
    loop = f", loop {finding.loop.rpartition('/')[2]}" if finding.loop else ""
    # What is not even the name of a segment may be anything, a patient's name too.
    is_named = not finding.segment_id or _SEGMENT_ID.fullmatch(finding.segment_id)
    meaning = message(finding) if is_named else explain(finding.code).meaning
    return Fault(f"{finding.level} {finding.code}", f"{place}{segment}{loop}", meaning, mend(finding))


def _plain(level: Level, code: Code, place: str) -> Fault:
    told = explain(code)
    return Fault(f"{level} {code}", place, told.meaning, told.mend)
