"""Cursors: how far a submitter has followed its claims, as text that only we can make and only it can use."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec

from edi.errors import PartnerError
from gateway.store.claim_changes import Origin, Position
from gateway.store.limits import CURSOR_DAYS_MAX

_SEAL_BYTES = 16
_ENCODER = msgspec.msgpack.Encoder()


class NoCursor(PartnerError):  # noqa: N818 - says what the text is
    """Not a cursor that we have given this submitter."""


class CursorTooOld(PartnerError):  # noqa: N818 - says what the cursor is
    """What came since is not kept any more, or the database is another one."""


@dataclass(frozen=True, slots=True)
class _Content:
    database: str
    issued_at: int
    """Seconds since 1970."""
    position: Position


_DECODER = msgspec.msgpack.Decoder(_Content)


def write_cursor(position: Position, submitter_id: str, origin: Origin, now: datetime) -> str:
    """The cursor of a submitter who has read as far as a position."""
    content = _ENCODER.encode(_Content(origin.database, int(now.timestamp()), position))
    return urlsafe_b64encode(_seal(content, submitter_id, origin) + content).decode().rstrip("=")


def read_cursor(cursor: str, submitter_id: str, origin: Origin, now: datetime) -> Position:
    """Where the submitter to whom we gave this cursor reads on.

    Raises:
        NoCursor: forged, damaged, or another submitter's.
        CursorTooOld: it cannot be read on from there; begin anew.
    """
    try:
        sealed = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except (Error, UnicodeEncodeError):
        raise NoCursor from None
    seal, content = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
    if not hmac.compare_digest(seal, _seal(content, submitter_id, origin)):
        raise NoCursor
    read = _DECODER.decode(content)
    issued_at = datetime.fromtimestamp(read.issued_at, UTC)
    if read.database != origin.database or now - issued_at > timedelta(days=CURSOR_DAYS_MAX):
        raise CursorTooOld
    return read.position


def _seal(content: bytes, submitter_id: str, origin: Origin) -> bytes:
    whose = submitter_id.encode()
    message = len(whose).to_bytes(4, "big") + whose + content
    return hmac.digest(origin.secret, message, sha256)[:_SEAL_BYTES]
