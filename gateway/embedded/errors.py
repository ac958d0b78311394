"""What the person at the terminal is told when an embedded server cannot run."""

from __future__ import annotations

from edi.errors import Outage


class EmbeddedServerError(Outage):
    """An embedded server cannot run; the message says which and why, for the person at the terminal."""


def cannot_be_used(error: OSError) -> EmbeddedServerError:
    """The data folder, or something in it, cannot be used."""
    return EmbeddedServerError(
        f"{error.strerror}: {error.filename}; "
        "name a folder that can be written with EDI_GATEWAY_DATA (the demo: --data)"
    )
