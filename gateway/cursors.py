"""Cursors: how far a submitter has followed something, as text that only we can make and only it can use."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from functools import lru_cache
from hashlib import sha256

import msgspec

from edi.errors import PartnerError
from gateway.store.changes import Origin, Position

_SEAL_BYTES = 16
_ENCODER = msgspec.msgpack.Encoder()


class NoCursor(PartnerError):  # noqa: N818 - says what the text is
    """Not a cursor that we have given this submitter for this feed."""


class CursorTooOld(PartnerError):  # noqa: N818 - says what the cursor is
    """What came since is not kept any more, or the database is another one."""


class _Content(msgspec.Struct, array_like=True, frozen=True):
    database: str
    since: str
    until: str | None
    after: int


_DECODER = msgspec.msgpack.Decoder(_Content)


def write_cursor(position: Position, feed: str, submitter_id: str, origin: Origin) -> str:
    """The cursor of a submitter who has read a feed as far as a position."""
    content = _encode(origin.database, position.since, position.until, position.after)
    return urlsafe_b64encode(_seal(content, feed, submitter_id, origin) + content).decode().rstrip("=")


@lru_cache(maxsize=16)
def _encode(database: str, since: str, until: str | None, after: int) -> bytes:
    """The content of a cursor; all who were told at the same time get to the same position."""
    return _ENCODER.encode(_Content(database, since, until, after))


def read_cursor(cursor: str, feed: str, submitter_id: str, origin: Origin) -> Position:
    """Where the submitter to whom we gave this cursor reads on.

    Raises:
        NoCursor: forged, damaged, of another feed, or another submitter's.
        CursorTooOld: it cannot be read on from there; begin anew.
    """
    try:
        sealed = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except (Error, UnicodeEncodeError):
        raise NoCursor from None
    seal, content = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
    if not hmac.compare_digest(seal, _seal(content, feed, submitter_id, origin)):
        raise NoCursor
    read = _DECODER.decode(content)
    if read.database != origin.database:
        raise CursorTooOld
    return Position(read.since, read.until, read.after)


def _seal(content: bytes, feed: str, submitter_id: str, origin: Origin) -> bytes:
    message = _ENCODER.encode((feed, submitter_id)) + content
    return hmac.digest(origin.secret, message, sha256)[:_SEAL_BYTES]
