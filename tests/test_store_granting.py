"""A gateway that owns nothing in its database answers, and cannot undo what is on record."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import httpx
import pytest
from typer.testing import CliRunner, Result

from gateway.application import open_gateway
from gateway.cli import app
from gateway.doors.keys import BearerKeys
from gateway.limits import Limits
from gateway.reviews.holding import Held
from gateway.server_process import build_application
from gateway.settings import Settings
from gateway.store import administration
from gateway.store.administration import Refused
from gateway.store.calendars import change_calendar
from gateway.store.claim_loading import load_claims
from gateway.store.granting import GRANTS, grant_serving
from gateway.store.migrating import MigrationError, migrate, migrations
from gateway.store.pruning import prune_changes
from gateway.store.reviewers import add_reviewer_key
from rules.facts import Entitlement, Function
from rules.facts.service_hours import DEFAULT_CALENDAR
from tests.claims_desk import asked as claim_asked
from tests.claims_desk import claim
from tests.real_time import Answered, Desk, envelope, inquiry
from tests.review_desk import PAYER_ID, TIN, ReviewHttp, open_review_desk, request
from tests.store_support import another_program

pytestmark = pytest.mark.store

SUNDAY_NIGHT = datetime(2026, 11, 23, 4, tzinfo=UTC)
"""Precertification is closed."""
RECORDS = ("review", "review_event", "review_reply", "held_request", "held_release", "held_answer", "audit")
"""What only grows."""


@pytest.fixture
async def role(database_url: str) -> AsyncIterator[str]:
    """A role that may log in, and nothing else."""
    name = f"serving-{uuid4().hex[:8]}"
    async with another_program(database_url) as owner:
        await owner.execute(f'CREATE ROLE "{name}" LOGIN')
        yield name
        await owner.execute(f'DROP OWNED BY "{name}"; DROP ROLE "{name}"')


def as_role(database_url: str, role: str) -> str:
    """The database under a role, as after its own login: the embedded server lets in nobody but its owner."""
    return f"{database_url}{'&' if '?' in database_url else '?'}role={role}"


@pytest.fixture
async def granted(database_url: str, role: str) -> str:
    """The database under a role that may serve."""
    await grant_serving(database_url, role)
    return as_role(database_url, role)


@dataclass
class Serving:
    """A gateway under a role that owns nothing, and the owner's own way in."""

    url: str
    owner_url: str
    http: ReviewHttp


@pytest.fixture
async def serving(database_url: str, redis_url: str, granted: str) -> AsyncIterator[Serving]:
    async with open_review_desk(database_url, redis_url) as desk:
        await load_claims(database_url, [claim()])
        await administration.revoke(database_url, "clinic", TIN, Function.CLAIM_STATUS, "test")
        since = datetime(2026, 1, 1, tzinfo=UTC)
        entitled = Entitlement("clinic", TIN, Function.CLAIM_STATUS, since, None, "access manager")
        await administration.grant(database_url, entitled)
        reviewer = await add_reviewer_key(database_url, "NURSE 7", "A NURSE")
        async with open_gateway(Settings(database_url=granted, redis_url=redis_url)) as gateway:
            own = Desk(gateway, desk.key, granted)
            transport = httpx.ASGITransport(build_application(gateway, Limits(), lambda: own.now))
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
                yield Serving(granted, database_url, ReviewHttp(own, reviewer, client))


def ran(database_url: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, ("migrate", *arguments), env={"EDI_GATEWAY_DATABASE_URL": database_url})


async def test_it_answers_270_276_and_278(serving: Serving) -> None:
    desk = serving.http.desk
    assert (await desk.ask(inquiry())).outcome == "271"
    asked = envelope(claim_asked(), guide="005010X212", kind="HR")
    assert (await desk.ask(asked)).outcome == "277"
    certified = await desk.ask(request(trace="SERVING-1"))
    assert certified.of("HCR")[0].startswith("HCR*A1*")
    assert (await desk.ask(request(trace="SERVING-1"))).text == certified.text
    number = certified.of("HCR")[0].split("*")[2]
    cancelled = await desk.ask(request(trace="SERVING-2", code="", asked="HS*3", earlier=f"REF*BB*{number}~"))
    assert cancelled.of("HCR") == [f"HCR*C*{number}"]


async def test_it_explains_what_it_answered(serving: Serving) -> None:
    answer: Answered = await serving.http.desk.ask(request(trace="SERVING-3"))
    explanation = await serving.http.desk.gateway.explainer.explain(f"{answer.control_number:09d}", "clinic")
    assert explanation is not None
    assert explanation.is_same


async def test_reviewers_decide_and_clocks_go_and_submitters_follow(serving: Serving) -> None:
    http = serving.http
    cursor = (await http.get("changes")).json()["cursor"]
    decided, lapsing = await http.pended("SERVING-4"), await http.pended("SERVING-5")
    assert {decided, lapsing} <= {
        each["reference"] for each in (await http.get("", http.reviewer_key)).json()["reviews"]
    }
    assert (await http.decide(decided, {"decision": "certified"})).status_code == 200
    assert await http.desk.gateway.clocks.look(datetime.now(UTC) + timedelta(days=60)) >= 1
    followed = await http.send("GET", f"/v1/reviews/changes?cursor={cursor}", b"", http.desk.key)
    told = [(change["review"]["reference"], change["review"]["state"]) for change in followed.json()["changes"]]
    assert (decided, "certified") in told
    assert [state for reference, state in told if reference == lapsing] == ["pended", "contact payer"]
    assert (await http.get(decided)).status_code == 200


async def test_it_holds_requests_of_batches_and_takes_old_changes_away(serving: Serving) -> None:
    desk = serving.http.desk
    holds = replace(DEFAULT_CALENDAR, held_in_batch=(Function.PRECERTIFICATION,))
    await change_calendar(serving.owner_url, PAYER_ID, lambda _: holds)
    submitter = await BearerKeys(desk.gateway.facts).authenticate(f"Bearer {desk.key}".encode())
    taken = await desk.gateway.holding.take(request(trace="SERVING-6"), submitter, SUNDAY_NIGHT, "ONE")
    await change_calendar(serving.owner_url, PAYER_ID, lambda _: DEFAULT_CALENDAR)
    assert isinstance(taken, Held)
    assert await desk.gateway.holding.release(taken.opens_at) == 1
    for feed in ("claims", "reviews"):
        assert await prune_changes(serving.url, feed, timedelta(0)) >= 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE edi.{} SET recorded_at = now()",
        "DELETE FROM edi.{}",
        "TRUNCATE edi.{} CASCADE",
        "DROP TRIGGER only_grows ON edi.{}",
        "ALTER TABLE edi.{} DISABLE TRIGGER ALL",
        "ALTER TABLE edi.{} ADD COLUMN more text",
        "DROP TABLE edi.{} CASCADE",
        "CREATE OR REPLACE FUNCTION edi.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "SET session_replication_role = replica",
    ],
)
async def test_what_is_on_record_is_neither_changed_nor_deleted_nor_freed(granted: str, statement: str) -> None:
    async with another_program(granted) as gateway:
        for table in RECORDS:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await gateway.execute(statement.format(table))


async def test_the_one_column_of_a_review_that_it_may_hold_is_not_changed_either(serving: Serving) -> None:
    await serving.http.desk.ask(request(trace="SERVING-7"))
    async with another_program(serving.url) as gateway:
        with pytest.raises(asyncpg.RestrictViolationError):
            await gateway.execute("UPDATE edi.review SET review_id = review_id + 1")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO edi.entitlement DEFAULT VALUES",
        "UPDATE edi.entitlement SET revoked_at = NULL",
        "UPDATE edi.contract SET document = document",
        "DELETE FROM edi.claim",
        "UPDATE edi.calendar SET document = document",
        "UPDATE edi.reviewer_key SET revoked_at = NULL",
        "INSERT INTO edi.api_key DEFAULT VALUES",
        "CREATE TABLE edi.more (id text)",
    ],
)
async def test_it_changes_nothing_that_it_answers_from(granted: str, statement: str) -> None:
    async with another_program(granted) as gateway:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await gateway.execute(statement)


async def test_a_role_that_may_only_read_the_schema_finds_it_migrated(granted: str) -> None:
    assert await migrate(granted) == ()


async def test_a_role_that_may_not_migrate_is_told_who_may(granted: str) -> None:
    more = [*migrations(), type(migrations()[0])(9999, "9999_more", "SELECT 1")]
    with pytest.raises(MigrationError, match="edi-gateway migrate"):
        await migrate(granted, more)


async def test_the_same_for_a_database_without_the_schema(empty_database_url: str, role: str) -> None:
    with pytest.raises(MigrationError, match="edi-gateway migrate"):
        await migrate(as_role(empty_database_url, role))


async def test_an_owner_is_no_role_to_serve_under(database_url: str) -> None:
    async with another_program(database_url) as owner:
        name = await owner.fetchval("SELECT current_user")
    with pytest.raises(Refused, match="all the owner's rights"):
        await grant_serving(database_url, name)


async def test_a_role_that_is_not_there_is_refused(database_url: str) -> None:
    with pytest.raises(Refused, match="create it first"):
        await grant_serving(database_url, "nobody'; DROP")


async def test_nobody_grants_but_the_owner(granted: str, role: str) -> None:
    with pytest.raises(Refused, match="owner of the schema"):
        await grant_serving(granted, role)


async def test_grants_are_exactly_those_of_the_table(database_url: str, role: str) -> None:
    async with another_program(database_url) as owner:
        await owner.execute(f'GRANT USAGE ON SCHEMA edi TO "{role}"; GRANT DELETE ON edi.review TO "{role}"')
        await grant_serving(database_url, role)
        written = await owner.fetch(
            """
            SELECT DISTINCT table_name FROM information_schema.role_table_grants
            WHERE grantee = $1 AND privilege_type <> 'SELECT'
            """,
            role,
        )
    assert {row["table_name"] for row in written} == {
        each.table for each in GRANTS if each.privileges != "UPDATE (prefix)"
    }


def test_the_command_migrates_and_grants(database_url: str, role: str) -> None:
    result = ran(database_url, "--grant-to", role)
    assert (result.exit_code, result.stdout) == (0, f"the schema is this program's already\n{role} may serve\n")


def test_the_command_says_what_it_applied(empty_database_url: str) -> None:
    result = ran(empty_database_url)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [f"applied {each.name}" for each in migrations()]


def test_the_command_refuses_a_role_that_is_not_there(database_url: str) -> None:
    result = ran(database_url, "--grant-to", "nobody")
    assert (result.exit_code, "create it first" in result.stderr) == (1, True)
