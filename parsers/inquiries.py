"""Typed inquiries from transaction sets that conform to their guides."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from edi.delimiters import Delimiters
from edi.eligibility import EligibilityRequest
from parsers.checking import check
from parsers.eligibility import read_eligibility
from parsers.frames import TransactionSet
from parsers.report import Report

Request = EligibilityRequest
"""What can be asked of a payer; a union when there is more."""

READERS: Mapping[tuple[str, str], Callable[[TransactionSet, Delimiters], Request]] = {
    ("270", "005010X279A1"): read_eligibility,
}
"""By ST01 and ST03."""


def read_request(transaction: TransactionSet, delimiters: Delimiters) -> Request | None:
    """The typed request of a set that the guide check has accepted; None when it asks nothing of a payer."""
    reader = READERS.get((transaction.identifier, transaction.guide))
    return None if reader is None else reader(transaction, delimiters)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file as typed requests, and the report on it."""

    report: Report
    requests: Sequence[Request]
    """Of the transaction sets that were accepted, in order."""


def parse(data: bytes) -> Parsed:
    """Judge a file and read what it asks.

    Args:
        data: as received; whatever it is, nothing is raised: what cannot be read is in the report.
    """
    report = check(data)
    requests = [
        read_request(transaction, interchange.delimiters)
        for interchange in report.interchanges
        if not interchange.findings
        for group in interchange.groups
        if not group.findings
        for transaction in group.transactions
        if not transaction.findings
    ]
    return Parsed(report, [request for request in requests if request is not None])
