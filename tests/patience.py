"""Deadlines for the tests that are not about deadlines: none may strike because the machine has much else to do.

A test of a deadline sets that one short, and leaves the others as they are here.
"""

import sys

import pytest

from gateway.limits import Limits

PATIENT = Limits(
    head_s_max=120.0,
    body_s_max=120.0,
    keep_alive_s_max=600.0,
    write_s_max=120.0,
    linger_s_max=60.0,
    answer_s_max=120.0,
    readiness_s_max=60.0,
    drain_s_max=120.0,
    drain_unfinished_s_max=60.0,
)
"""What a gateway in this process allows."""

STORE_DEADLINES = {
    "DATABASE_CONNECT_SECONDS": 60.0,
    "DATABASE_SLOT_SECONDS": 60.0,
    "DATABASE_LOOKUP_SECONDS": 60.0,
    "REDIS_SECONDS": 60.0,
    "LISTENER_START_SECONDS": 60.0,
    "AUDIT_STATEMENT_SECONDS": 60.0,
}
"""Names in ``gateway.store.limits``, and seconds."""


def be_patient(patch: pytest.MonkeyPatch) -> None:
    """Give every loaded module of the gateway that has taken a store's deadline over a long one instead."""
    for module in [module for name, module in sys.modules.items() if name.startswith("gateway.")]:
        for deadline, seconds in STORE_DEADLINES.items():
            if hasattr(module, deadline):
                patch.setattr(module, deadline, seconds)
