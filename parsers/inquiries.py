"""Typed inquiries from transaction sets that conform to their guides."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from edi.claim_status import ClaimStatusRequest
from edi.delimiters import Delimiters
from edi.eligibility import EligibilityRequest
from edi.services_review import ReviewRequest
from parsers.checking import check
from parsers.claim_status import read_claim_status
from parsers.eligibility import read_eligibility
from parsers.frames import TransactionSet, element_of
from parsers.report import Report
from parsers.services_review import read_services_review

Request = EligibilityRequest | ClaimStatusRequest | ReviewRequest
"""What can be asked of a payer."""

READERS: Mapping[tuple[str, str, str], Callable[[TransactionSet, Delimiters], Request]] = {
    ("270", "005010X279A1", "13"): read_eligibility,
    ("270", "005010X279A1", "01"): read_eligibility,
    ("276", "005010X212", "13"): read_claim_status,
    ("278", "005010X217", "13"): read_services_review,
}
"""By ST01, ST03 and BHT02: a 278 is a request or a response."""


def read_request(transaction: TransactionSet, delimiters: Delimiters) -> Request | None:
    """The typed request of a set that the guide check has accepted; None when it asks nothing of a payer."""
    purpose = element_of(transaction.segments[1], 2)
    reader = READERS.get((transaction.identifier, transaction.guide, purpose))
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
