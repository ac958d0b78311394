"""``edi-gateway submitter`` and ``entitlement``: each change as the store shows it."""

import hashlib

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import app
from tests.processes import query

pytestmark = pytest.mark.store

TIN = "890000001"


@pytest.fixture
def submitter(database_url: str) -> str:
    """A submitter of its own for each test of this module."""
    number = query(database_url, "SELECT count(*) FROM edi.submitter")
    submitter_id = f"S{number}"
    result = run(
        database_url, "submitter", "save", submitter_id, "--name", "A CLINIC", "--interchange-id", submitter_id
    )
    assert result.exit_code == 0, result.output
    return submitter_id


def run(database_url: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, env={"EDI_GATEWAY_DATABASE_URL": database_url})


def test_a_saved_submitter_can_be_changed(database_url: str, submitter: str) -> None:
    options = ("--name", "ANOTHER NAME", "--interchange-id", submitter, "--suspended")
    assert run(database_url, "submitter", "save", submitter, *options).exit_code == 0
    status = query(database_url, "SELECT name || status FROM edi.submitter WHERE submitter_id = $1", submitter)
    assert status == "ANOTHER NAMEsuspended"


def test_an_interchange_address_of_two_submitters_is_refused(database_url: str, submitter: str) -> None:
    result = run(database_url, "submitter", "save", "OTHER", "--name", "B", "--interchange-id", submitter)
    assert result.exit_code == 1
    assert result.stderr == "the interchange address belongs to another submitter\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--interchange-id", "SIXTEEN CHARACTE"), "an interchange id has 1 to 15 characters\n"),
        (("--interchange-id", "X", "--interchange-qualifier", "ZZZ"), "an interchange qualifier has two characters\n"),
    ],
)
def test_an_address_that_no_isa_can_hold_is_refused(options: tuple[str, ...], said: str, database_url: str) -> None:
    result = run(database_url, "submitter", "save", "LONG", "--name", "B", *options)
    assert (result.exit_code, result.stderr) == (1, said)


def test_a_key_is_printed_and_only_its_hash_is_kept(database_url: str, submitter: str) -> None:
    token = run(database_url, "submitter", "key", submitter).stdout.strip()
    kept = query(database_url, "SELECT key_hash FROM edi.api_key WHERE submitter_id = $1", submitter)
    assert kept == hashlib.sha256(token.encode()).digest()


def test_a_key_for_nobody_is_refused(database_url: str) -> None:
    result = run(database_url, "submitter", "key", "NOBODY")
    assert result.exit_code == 1
    assert result.stderr == "there is no such submitter\n"


def test_revoked_keys_are_counted(database_url: str, submitter: str) -> None:
    for _ in range(2):
        run(database_url, "submitter", "key", submitter)
    assert run(database_url, "submitter", "revoke-keys", submitter).stdout == "revoked 2\n"
    assert run(database_url, "submitter", "revoke-keys", submitter).stdout == "revoked 0\n"


def test_an_entitlement_is_granted_once_and_revoked(database_url: str, submitter: str) -> None:
    assert run(database_url, "entitlement", "grant", submitter, TIN).exit_code == 0
    again = run(database_url, "entitlement", "grant", submitter, TIN)
    assert (again.exit_code, again.stderr) == (1, "granted already for a part of that time\n")
    assert run(database_url, "entitlement", "revoke", submitter, TIN).stdout == "revoked 1\n"


def test_an_entitlement_has_the_time_and_function_that_were_given(database_url: str, submitter: str) -> None:
    options = (
        "--function",
        "claim status",
        "--from",
        "2026-01-01",
        "--until",
        "2026-07-01T12:00:00",
        "--by",
        "A MANAGER",
    )
    assert run(database_url, "entitlement", "grant", submitter, TIN, *options).exit_code == 0
    kept = "SELECT (valid, function, granted_by)::text FROM edi.entitlement WHERE submitter_id = $1"
    assert query(database_url, kept, submitter) == (
        '("[""2026-01-01 00:00:00+00"",""2026-07-01 12:00:00+00"")","claim status","A MANAGER")'
    )


@pytest.mark.parametrize("tin", ["12345678", "12-3456789", ""])
def test_a_tin_that_is_not_nine_digits_is_refused(tin: str, database_url: str, submitter: str) -> None:
    result = run(database_url, "entitlement", "grant", submitter, tin)
    assert result.exit_code == 1
    assert result.stderr == "a TIN has nine digits\n"


@pytest.mark.parametrize("until", ["2025-12-31", "2026-01-01"])
def test_an_entitlement_that_ends_before_it_begins_is_refused(until: str, database_url: str, submitter: str) -> None:
    result = run(database_url, "entitlement", "grant", submitter, TIN, "--from", "2026-01-01", "--until", until)
    assert (result.exit_code, result.stderr) == (1, "an entitlement ends after it begins\n")


def add_reviewer(database_url: str, reviewer_id: str, *options: str) -> str:
    result = run(database_url, "reviewer", "add", reviewer_id, *options)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def lines_of(database_url: str, reviewer_id: str) -> list[str]:
    listed = run(database_url, "reviewer", "list").stdout.splitlines()
    return [line for line in listed if line.startswith(f"{reviewer_id}  ")]


def test_a_reviewers_key_is_printed_and_only_its_hash_is_kept(database_url: str) -> None:
    token = add_reviewer(database_url, "NURSE 1", "--name", "A NURSE")
    kept = query(database_url, "SELECT key_hash FROM edi.reviewer_key WHERE reviewer_id = 'NURSE 1'")
    assert kept == hashlib.sha256(token.encode()).digest()


def test_reviewers_are_listed_by_the_first_characters_of_their_keys(database_url: str) -> None:
    tokens = [add_reviewer(database_url, "NURSE 2", "--name", "A NURSE"), add_reviewer(database_url, "NURSE 2")]
    listed = lines_of(database_url, "NURSE 2")
    assert [line.startswith(f"NURSE 2  A NURSE  {token[:21]}...") for line, token in zip(listed, tokens, strict=True)]
    assert not any(token in line for token in tokens for line in listed)


def test_a_reviewers_keys_are_revoked_one_or_all(database_url: str) -> None:
    first, _, _ = (add_reviewer(database_url, "NURSE 3") for _ in range(3))
    assert run(database_url, "reviewer", "revoke", "NURSE 3", "--prefix", first[:21]).stdout == "revoked 1\n"
    assert run(database_url, "reviewer", "revoke", "NURSE 3").stdout == "revoked 2\n"
    assert lines_of(database_url, "NURSE 3") == ["NURSE 3  NURSE 3  no key"]


@pytest.mark.parametrize(
    ("reviewer_id", "said"),
    [
        ("rules", "a review's history has that name for what nobody decided\n"),
        ("clock", "a review's history has that name for what nobody decided\n"),
        ("", "a reviewer's id has 1 to 80 characters\n"),
        ("N" * 81, "a reviewer's id has 1 to 80 characters\n"),
    ],
)
def test_an_id_that_no_reviewer_can_have_is_refused(reviewer_id: str, said: str, database_url: str) -> None:
    result = run(database_url, "reviewer", "add", reviewer_id)
    assert (result.exit_code, result.stderr) == (1, said)
