"""The tables of cases in tests/cases: inquiry, coverage, and the lines that the answer has."""

import ast
from pathlib import Path

import pytest

import rules
from edi.aaa import RejectReason
from parsers import check
from tests.case_tables import Book, Case, answer, find_run, interchange, read_tables, runs, told

BOOKS, CASES = read_tables()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.table}: {case.name}")
def test_a_case_is_answered_as_its_table_says(case: Case) -> None:
    lines = told(answer(case, BOOKS[case.table]))
    assert case.answers or case.tells or case.never, "the case expects nothing"
    if case.answers:
        assert lines == [line.strip() for line in case.answers.strip().splitlines()]
    position = 0
    for run in runs(case.tells):
        end = find_run(run, lines, position)
        assert end is not None, f"{run} is not told from line {position} of\n" + "\n".join(lines)
        position = end
    for beginning in case.never:
        assert not [line for line in lines if line.startswith(beginning)], f"{beginning} is told"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.table}: {case.name}")
def test_the_271_of_a_case_is_accepted_by_our_own_check(case: Case) -> None:
    report = check(interchange(answer(case, BOOKS[case.table])))
    assert report.accepted, [str(finding) for finding in report.findings]


def test_there_are_at_least_150_cases_and_no_two_have_the_same_name() -> None:
    names = [case.name for case in CASES]
    assert len(names) >= 150
    assert len(set(names)) == len(names)


def test_each_reject_reason_that_eligibility_rules_give_is_in_a_case() -> None:
    in_cases = {
        line.split("*")[3]
        for case in CASES
        for text in (case.answers, case.tells)
        for line in map(str.strip, text.splitlines())
        if line.startswith("AAA*")
    }
    assert {reason.value for reason in _reasons_given()} <= in_cases


def _reasons_given() -> set[RejectReason]:
    """The members of RejectReason that modules of eligibility rules name."""
    modules = Path(rules.__file__).parent.glob("*.py")
    return {
        RejectReason[node.attr]
        for module in modules
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "RejectReason"
    }


def test_each_line_told_has_a_reason() -> None:
    for case in CASES:
        for benefit in answer(case, BOOKS[case.table]).benefits:
            assert " <- " in benefit.reason


def test_a_table_is_read_with_its_own_facts_and_the_shared_ones() -> None:
    book = next(iter(BOOKS.values()))
    assert isinstance(book, Book)
    assert book.plans
    assert book.providers
