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


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the transaction sets of one kind."""

    kind: type[Request]
    read: Callable[[TransactionSet, Delimiters], Request]


READERS: Mapping[tuple[str, str, str], Reader] = {
    ("270", "005010X279A1", "13"): Reader(EligibilityRequest, read_eligibility),
    ("270", "005010X279A1", "01"): Reader(EligibilityRequest, read_eligibility),
    ("276", "005010X212", "13"): Reader(ClaimStatusRequest, read_claim_status),
    ("278", "005010X217", "13"): Reader(ReviewRequest, read_services_review),
}
"""By ST01, ST03 and BHT02: a 278 is a request or a response."""


def find_reader(transaction: TransactionSet) -> Reader | None:
    """The reader for a set that the guide check has accepted; None when it asks nothing of a payer."""
    purpose = element_of(transaction.segments[1], 2)
    return READERS.get((transaction.identifier, transaction.guide, purpose))


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
    sound = [
        (transaction, interchange.delimiters)
        for interchange in report.interchanges
        if not interchange.findings
        for group in interchange.groups
        if not group.findings
        for transaction in group.transactions
        if not transaction.findings
    ]
    requests = [
        reader.read(transaction, delimiters)
        for transaction, delimiters in sound
        if (reader := find_reader(transaction)) is not None
    ]
    return Parsed(report, requests)
