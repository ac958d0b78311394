"""What the gateway may do in its own database: the rights of a role that answers and owns nothing.

The record of reviews, the audit and what was kept of answers grow by triggers that refuse everything else; whoever owns
the tables could take those away. A gateway that runs under a role with these grants cannot: it adds to what only grows,
reads all else, and neither changes coverage, claims, entitlements, hours or keys nor anything about the schema.
"""

from dataclasses import dataclass

import asyncpg

from gateway.store.administration import Refused
from gateway.store.database import Connection, connect, outage_when_down


@dataclass(frozen=True, slots=True)
class Grant:
    """A right at a table of the schema ``edi``."""

    table: str
    privileges: str
    """Besides reading, as GRANT takes them."""


GRANTS = (
    Grant("audit", "INSERT"),
    Grant("audit_sent", "INSERT"),
    Grant("configuration", "INSERT"),
    Grant("control_number", "INSERT, UPDATE"),
    Grant("fact_document", "INSERT"),
    Grant("fact_version", "INSERT, UPDATE"),
    Grant("kept_inquiry", "INSERT"),
    # To hold a review's row takes the right to update something of it, which its trigger then refuses.
    Grant("review", "INSERT, UPDATE (review_id)"),
    Grant("review_event", "INSERT"),
    Grant("review_reply", "INSERT"),
    Grant("reviewer_key", "UPDATE (prefix)"),
    Grant("waiting_review", "INSERT, UPDATE, DELETE"),
    Grant("held_request", "INSERT"),
    Grant("held_release", "INSERT"),
    Grant("held_answer", "INSERT"),
    Grant("held_waiting", "INSERT, UPDATE, DELETE"),
    # What is old of these is taken away: they say that something has changed, and not what it was.
    Grant("claim_change", "UPDATE, DELETE"),
    Grant("review_change", "INSERT, UPDATE, DELETE"),
    Grant("change_horizon", "UPDATE"),
)
SEQUENCES = ("audit_audit_id_seq", "review_number")
"""From which it takes numbers."""

_ROLE = """
SELECT quote_ident(rolname) AS name, rolsuper OR pg_has_role(rolname, (
    SELECT nspowner FROM pg_namespace WHERE nspname = 'edi'
), 'MEMBER') AS is_owner
FROM pg_roles WHERE rolname = $1
"""


async def grant_serving(database_url: str, role: str) -> None:
    """Let a role do what the gateway needs, and nothing else in the schema; the same again after each migration.

    Args:
        database_url: of the schema's owner; migrated.
        role: that is there.

    Raises:
        Refused: there is no such role, or it owns the schema.
        Outage: PostgreSQL does not answer.
    """
    connection = await connect(database_url)
    try:
        with outage_when_down("grant"):
            async with connection.transaction():
                await connection.execute(";\n".join(_statements(await _find(connection, role))))
    except asyncpg.InsufficientPrivilegeError:
        raise Refused("grants are given by the owner of the schema: connect as that one") from None
    finally:
        connection.terminate()


async def _find(connection: Connection, role: str) -> str:
    """The role, quoted."""
    found = await connection.fetchrow(_ROLE, role)
    if found is None:
        raise Refused(f"there is no role {role!r}: create it first (CREATE ROLE ... LOGIN)")
    if found["is_owner"]:
        raise Refused(f"{role!r} has all the owner's rights: a gateway that may do less needs another role")
    name: str = found["name"]
    return name


def _statements(role: str) -> tuple[str, ...]:
    return (
        f"REVOKE ALL ON ALL TABLES IN SCHEMA edi FROM {role}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA edi FROM {role}",
        f"GRANT USAGE ON SCHEMA edi TO {role}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA edi TO {role}",
        *[f"GRANT {each.privileges} ON edi.{each.table} TO {role}" for each in GRANTS],
        *[f"GRANT USAGE ON SEQUENCE edi.{each} TO {role}" for each in SEQUENCES],
    )
