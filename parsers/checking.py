"""The whole check of a file: framing, then each group and transaction set by its guide."""

from parsers.conformance import check_group, check_transaction
from parsers.frames import Interchange
from parsers.framing import read
from parsers.report import Report


def check(data: bytes) -> Report:
    """Judge a file of any X12 that there is a guide for.

    Args:
        data: as received; whatever it is, there is a report on it.
    """
    interchanges = read(data)
    for interchange in interchanges:
        check_interchange(interchange)
    return Report(interchanges)


def check_interchange(interchange: Interchange) -> None:
    """Judge each group and set of a framed interchange; what is found is added to their findings."""
    for group in interchange.groups:
        group.findings.extend(check_group(group, interchange))
        for transaction in group.transactions:
            transaction.findings.extend(check_transaction(transaction, group, interchange))
