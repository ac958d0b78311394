"""``POST /x12``: one real-time interchange in, one out.

Whatever the body holds is X12's business and is answered in X12 with status 200, an empty body included.
"""

from gateway.doors.real_time import Medium
from gateway.doors.refusals import DOCUMENTS, Refusal

X12_PATH = "/x12"
X12 = Medium(b"application/edi-x12", DOCUMENTS[Refusal.MEDIA_TYPE])
