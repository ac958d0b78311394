"""What the person at the terminal is told when an embedded server cannot run."""

from __future__ import annotations

from edi.errors import Outage


class EmbeddedServerError(Outage):
    """An embedded server cannot run; the message says which and why, for the person at the terminal."""
