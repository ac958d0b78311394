"""``edi-gateway load``: documents from files into the store."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner, Result

from gateway.book import book
from gateway.cli import app
from tests.processes import query

pytestmark = pytest.mark.store

BOOK = book(members=20, seed=3, today=date(2026, 3, 17))


def run(*arguments: str, database_url: str | None) -> Result:
    return CliRunner().invoke(app, arguments, env={"EDI_GATEWAY_DATABASE_URL": database_url})


def write(file: Path, documents: Iterable[Any]) -> str:
    file.write_bytes(b"".join(msgspec.json.encode(document) + b"\n" for document in documents))
    return str(file)


@pytest.mark.parametrize(
    ("kind", "documents", "counted"),
    [
        ("plans", BOOK.plans(), "SELECT count(*) FROM edi.plan"),
        ("providers", tuple(BOOK.providers()), "SELECT count(*) FROM edi.provider"),
        ("coverage", tuple(BOOK.contracts()), "SELECT count(*) FROM edi.contract"),
        ("claims", tuple(BOOK.claims()), "SELECT count(*) FROM edi.claim"),
        ("policies", BOOK.review_policies(), "SELECT count(*) FROM edi.review_policy"),
    ],
)
def test_every_document_of_a_file_is_loaded_once(
    kind: str, documents: tuple[Any, ...], counted: str, tmp_path: Path, database_url: str
) -> None:
    file = write(tmp_path / "documents.json", documents)
    for _ in range(2):
        result = run("load", kind, file, database_url=database_url)
        assert (result.exit_code, result.stdout) == (0, f"loaded {len(documents)}\n"), result.output
        assert query(database_url, counted) == len(documents)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path, database_url: str) -> None:
    file = tmp_path / "documents.json"
    file.write_bytes(b"\xef\xbb\xbf" + msgspec.json.encode(BOOK.plans()[0]) + b"\n")
    result = run("load", "plans", str(file), database_url=database_url)
    assert (result.exit_code, result.stdout) == (0, "loaded 1\n"), result.output


def test_a_line_that_is_not_a_document_is_named_without_what_it_holds(tmp_path: Path, database_url: str) -> None:
    file = tmp_path / "documents.json"
    good, bad = (msgspec.json.encode(contract) for contract in list(BOOK.contracts())[:2])
    file.write_bytes(good + b"\n\n" + bad.replace(b'"gender":"', b'"gender":7,"x":"') + b"\n")
    result = run("load", "coverage", str(file), database_url=database_url)
    assert result.exit_code == 1
    assert result.stderr == f"{file}: line 3 is not a Contract: Expected `str`, got `int` - at `$.persons[0].gender`\n"


def test_a_code_of_no_list_is_not_shown(tmp_path: Path, database_url: str) -> None:
    file = tmp_path / "documents.json"
    contract = msgspec.json.encode(next(iter(BOOK.contracts())))
    file.write_bytes(contract.replace(b'"priority":"', b'"priority":"SMITH'))
    result = run("load", "coverage", str(file), database_url=database_url)
    assert result.stderr == f"{file}: line 1 is not a Contract: look at $.persons[0].coverages[0].priority\n"


def test_what_could_not_be_told_in_a_271_is_named(tmp_path: Path, database_url: str) -> None:
    file = tmp_path / "documents.json"
    contract = msgspec.json.encode(next(iter(BOOK.contracts())))
    file.write_bytes(re.sub(rb'"birth_date":"[0-9]{4}', b'"birth_date":"1066', contract, count=1))
    result = run("load", "coverage", str(file), database_url=database_url)
    assert result.stderr == (f"{file}: line 1 is not a Contract: birth_date is before 1800-01-01 - at `$.persons[0]`\n")


def test_a_line_that_is_no_utf_8_is_named(tmp_path: Path, database_url: str) -> None:
    file = tmp_path / "documents.json"
    file.write_bytes(msgspec.json.encode(BOOK.plans()[0]).replace(b'"name":"', b'"name":"\xff'))
    result = run("load", "plans", str(file), database_url=database_url)
    assert result.stderr == f"{file}: line 1 is not a Plan: it is not UTF-8\n"


def test_a_bad_claim_is_told_and_passed_over(tmp_path: Path, database_url: str) -> None:
    file = tmp_path / "claims.json"
    good, bad, late = (msgspec.json.encode(claim) for claim in list(BOOK.claims())[:3])
    impossible = bad.replace(b'"billing_tin":"', b'"billing_tin":"SECRET')
    bottomless = b'{"x":' * 100_000
    file.write_bytes(b"\n".join([good, b"{", b"[1]", impossible, bottomless, late]))
    result = run("load", "claims", str(file), database_url=database_url)
    assert (result.exit_code, result.stdout) == (1, "loaded 2\n")
    assert result.stderr.splitlines() == [
        f"{file}: line 2 is not a Claim: Input data was truncated",
        f"{file}: line 3 is not a Claim: Expected `object`, got `array`",
        f"{file}: line 4 is not a Claim: a tax id has nine digits",
        f"{file}: line 5 is not a Claim: it is nested too deep",
        f"{file}: passed over 4",
    ]


def test_the_same_claims_again_change_nothing(tmp_path: Path, database_url: str) -> None:
    file = write(tmp_path / "claims.json", BOOK.claims())
    changes = "SELECT count(*) FROM edi.claim_change"
    run("load", "claims", file, database_url=database_url)
    before = query(database_url, changes), query(database_url, "SELECT sum(version) FROM edi.fact_version")
    run("load", "claims", file, database_url=database_url)
    assert (query(database_url, changes), query(database_url, "SELECT sum(version) FROM edi.fact_version")) == before


def test_a_missing_field_is_named(tmp_path: Path, database_url: str) -> None:
    file = tmp_path / "documents.json"
    file.write_bytes(b'{"name": "GOLD"}')
    result = run("load", "plans", str(file), database_url=database_url)
    assert result.stderr == f"{file}: line 1 is not a Plan: Object missing required field `plan_id`\n"


def test_a_cut_off_line_is_named(tmp_path: Path, database_url: str) -> None:
    file = tmp_path / "documents.json"
    file.write_bytes(b'{"plan_id": "GOL')
    result = run("load", "plans", str(file), database_url=database_url)
    assert (result.exit_code, result.stderr) == (1, f"{file}: line 1 is not a Plan: Input data was truncated\n")


def test_an_identifier_of_two_providers_is_refused(tmp_path: Path, database_url: str) -> None:
    first, second = list(BOOK.providers())[:2]
    file = write(tmp_path / "documents.json", [first, replace(second, identifiers=first.identifiers)])
    result = run("load", "providers", str(file), database_url=database_url)
    assert result.exit_code == 1
    assert "the facts contradict the store or each other" in result.stderr


def test_a_file_that_is_not_there_is_told(database_url: str) -> None:
    result = run("load", "plans", "missing.json", database_url=database_url)
    assert (result.exit_code, result.stderr) == (1, "missing.json: No such file or directory\n")


def test_without_a_database_the_variable_to_set_is_named(tmp_path: Path) -> None:
    result = run("load", "plans", write(tmp_path / "documents.json", ()), database_url=None)
    assert result.exit_code == 1
    assert "EDI_GATEWAY_DATABASE_URL" in result.stderr


def test_a_database_that_does_not_answer_is_told_without_its_password(tmp_path: Path) -> None:
    nowhere = "postgresql://user:secret@127.0.0.1:1/nowhere"
    result = run("load", "plans", write(tmp_path / "documents.json", ()), database_url=nowhere)
    assert result.exit_code == 1
    assert "PostgreSQL does not answer" in result.stderr
    assert "secret" not in result.output
