"""A generated situation through the whole way of a 276, from bytes to bytes, without a server."""

from edi.claim_status import ClaimStatusAnswer, ClaimStatusRequest
from edi.envelope import Address, Group, InterchangeHeader, write_interchange
from edi.writing_277 import FUNCTIONAL_IDENTIFIER, GUIDE, write_claim_status_response
from parsers.checking import check_interchange
from parsers.claim_status import read_claim_status
from parsers.framing import read
from rules.claims.obstacles import stop
from tests.claim_status_tables import decide_inquiry
from tests.generated_claims import MOMENT, PAYER, TODAY, ClaimSituation


def read_request(situation: ClaimSituation) -> ClaimStatusRequest | None:
    """What comes out of the parsers; None when the 276 does not conform, and would get a 999."""
    (interchange,) = read(situation.received())
    check_interchange(interchange)
    (group,) = interchange.groups
    (transaction,) = group.transactions
    if interchange.findings or group.findings or transaction.findings:
        return None
    return read_claim_status(transaction, interchange.delimiters)


def answer(situation: ClaimSituation, request: ClaimStatusRequest) -> list[ClaimStatusAnswer]:
    """The decided answers, in the order of the inquiries."""
    if situation.trouble is not None:
        return [stop(inquiry, situation.trouble, TODAY) for inquiry in request.inquiries]
    book, profile, mode = situation.book, situation.profile, situation.mode
    return [decide_inquiry(inquiry, book, PAYER, profile, mode, MOMENT) for inquiry in request.inquiries]


def write(situation: ClaimSituation, request: ClaimStatusRequest, answers: list[ClaimStatusAnswer]) -> bytes:
    """The 277 in its envelopes."""
    segments = write_claim_status_response(
        answers,
        control_number="0001",
        reference=request.reference,
        written_at=MOMENT,
        contact=situation.profile.contact,
    )
    header = InterchangeHeader(Address("ZZ", "99001"), Address("ZZ", "S-1"), MOMENT, 1)
    group = Group(FUNCTIONAL_IDENTIFIER, "99001", "S-1", GUIDE, (segments,))
    return write_interchange(header, (group,), situation.answered_in)
