"""The answer about each patient, looked at from the inside: who asked, who was meant, why each line is there."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from edi.aaa import Loop
from edi.aaa_meanings import meaning_of
from edi.eligibility import Benefit, EligibilityAnswer, EligibilityInquiry, Party, Patient, Rejection
from edi.writing import ELEMENT, SEGMENT, delimited
from gateway.drafting import Draft
from gateway.exchange import Grounds
from gateway.explaining.explanation import Asker, CoverageSeen, Line, Match, Member, PatientExplained, Refusal
from gateway.explaining.masking import Mask
from gateway.store import keys
from gateway.store.fact import Fact
from rules.reasons import told_apart
from rules.search import Identified, searches
from rules.search_keys import ById

_SHOWN = frozenset({"EB", "DTP", "MSG", "III", "AAA"})
"""Segments of a benefit that are shown; others may hold ids."""

_NO_GROUNDS = Grounds()
"""Where a service does not tell them, as while it is closed."""


def explain_patients(draft: Draft, facts: Mapping[str, Fact[Any]], mask: Mask) -> Iterator[PatientExplained]:
    """One for each answer about eligibility.

    Args:
        facts: those that the draft rests on, by key.
    """
    for response in draft.responses:
        grounds = response.grounds or (_NO_GROUNDS,) * len(response.answers)
        for answer, its_grounds in zip(response.answers, grounds, strict=False):
            if isinstance(answer, EligibilityAnswer):
                yield _explain(answer, its_grounds, facts, mask)


def _explain(
    answer: EligibilityAnswer, grounds: Grounds, facts: Mapping[str, Fact[Any]], mask: Mask
) -> PatientExplained:
    inquiry, identified = answer.inquiry, grounds.identified
    return PatientExplained(
        asker=explain_asker(inquiry.receiver, grounds, facts),
        members=tuple(explain_members(inquiry, mask)),
        match=None if identified is None else explain_match(inquiry, identified, mask),
        refusals=_refusals(answer.rejections),
        lines=tuple(map(_line, answer.benefits)),
    )


def explain_asker(asked: Party, grounds: Grounds, facts: Mapping[str, Fact[Any]]) -> Asker:
    """For which provider it was asked, and what entitled the submitter to."""
    qualifier, identifier = asked.identifier_qualifier, asked.identifier
    fact = facts.get(keys.provider(qualifier, identifier))
    provider = None if fact is None else fact.value
    who = (qualifier, identifier, provider.provider_id if provider else "", provider.name if provider else "")
    if grounds.permitted is None:
        return Asker(*who)
    held = grounds.permitted.entitlement
    return Asker(*who, held.tin, held.function, held.valid_from, held.valid_until, held.granted_by)


def explain_members(
    inquiry: EligibilityInquiry, mask: Mask, loops: tuple[str, str] = (Loop.SUBSCRIBER, Loop.DEPENDENT)
) -> Iterator[Member]:
    """The persons whom the inquiry names, and their loops."""
    yield _member(loops[0], inquiry.subscriber, mask)
    if inquiry.dependent is not None:
        yield _member(loops[1], inquiry.dependent, mask)


def _member(loop: str, patient: Patient, mask: Mask) -> Member:
    return Member(
        loop,
        mask.name(patient.last_name),
        mask.name(patient.first_name),
        mask.identifier(patient.member_id),
        mask.birth_date(patient.birth_date),
    )


def explain_match(inquiry: EligibilityInquiry, identified: Identified, mask: Mask) -> Match:
    """Who was found to be meant, and by what."""
    by_id = any(isinstance(search, ById) for search in searches(inquiry))
    return Match(
        searched_by=("member id",) if by_id else ("last name", "birth date"),
        matched_by=identified.matched_by,
        contract=mask.identifier(identified.contract.contract_id),
        person=identified.person.number,
        coverages=tuple(CoverageSeen(each.plan_id, each.begin, each.end) for each in identified.person.coverages),
        id_changed=identified.id_changed,
        name_changed=identified.name_changed,
    )


def _line(benefit: Benefit) -> Line:
    composed = [text for text in benefit.written.split(SEGMENT) if text.split(ELEMENT, 1)[0] in _SHOWN]
    rule, source = told_apart(benefit.reason)
    return Line(
        tuple(delimited([text]).decode("ascii") for text in composed), rule, source, _refusals(benefit.rejections)
    )


def _refusals(rejections: Sequence[Rejection]) -> tuple[Refusal, ...]:
    return tuple(map(_refusal, rejections))


def _refusal(rejection: Rejection) -> Refusal:
    meaning = meaning_of(rejection.reason)
    return Refusal(rejection.loop, rejection.reason, rejection.action, meaning.meaning, meaning.element, meaning.mend)
