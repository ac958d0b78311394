"""The whole check of a file: framing, then each group and transaction set by its guide."""

import sys

from parsers import limits
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


def check_interchange(interchange: Interchange, findings_max: int = sys.maxsize) -> None:
    """Judge each group and set of a framed interchange; what is found is added to their findings.

    Args:
        interchange: as framed.
        findings_max: findings on transaction sets after which of each further set only the first is kept, so that the
            work for many bad ones is bounded, and every verdict still told.
    """
    left = findings_max
    for group in interchange.groups:
        group.findings.extend(check_group(group, interchange))
        for transaction in group.transactions:
            kept_max = min(max(left, 1), limits.FINDINGS_PER_TRANSACTION_MAX)
            findings = check_transaction(transaction, group, interchange, kept_max)
            transaction.findings.extend(findings)
            left -= len(findings)
