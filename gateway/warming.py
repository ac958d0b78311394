"""What a process does once, before its first request, so that no request has to pay for it."""

import gc
from datetime import UTC, datetime

from edi.eligibility import EligibilityInquiry, EligibilityRequest, Party, Patient, ServiceInquiry, Trace
from edi.envelope import Address, Group, InterchangeHeader, write_interchange
from edi.writing_270 import FUNCTIONAL_IDENTIFIER, GUIDE, write_eligibility_request
from parsers import parse
from parsers.guide_library import prepare

YOUNG_OBJECTS_MAX = 50_000
"""Containers made before the collector looks for cycles among them. A request makes some hundred and leaves hardly a
cycle; Python's own 700 would mean a collection for every other request, and a look at all cached facts for many."""


def warm_up() -> None:
    """Compile the guides that we answer to, and keep what is there now out of the garbage collector's sight."""
    prepare()
    parse(_sample())
    calm_collector()


def calm_collector() -> None:
    """Keep what is there now out of the garbage collector's sight, and have it look seldom at what comes."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS_MAX, 20, 100)


def _sample() -> bytes:
    """A 270 about nobody, in the usual delimiters."""
    moment = datetime(2000, 1, 1, tzinfo=UTC)
    inquiry = EligibilityInquiry(
        source=Party("PR", "2", "PAYER", "", "PI", "99999"),
        receiver=Party("1P", "2", "PROVIDER", "", "XX", "1234567893"),
        receiver_references=(),
        subscriber=Patient("NOBODY", "NONE", member_id="N1", birth_date=moment.date(), gender="F"),
        dependent=None,
        traces=(Trace("1", "1", "9999999999"),),
        services=(ServiceInquiry(("30",)),),
        reference="1",
    )
    segments = write_eligibility_request(EligibilityRequest("0001", "1", "13", (inquiry,)), moment)
    header = InterchangeHeader(Address("ZZ", "SENDER"), Address("ZZ", "RECEIVER"), moment, 1)
    return write_interchange(header, (Group(FUNCTIONAL_IDENTIFIER, "SENDER", "RECEIVER", GUIDE, (segments,)),))
