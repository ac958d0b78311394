"""Lines that point elsewhere: the primary care provider and other payers (coordination of benefits)."""

from collections.abc import Iterator
from datetime import date

from edi.benefit_codes import BenefitKind
from edi.eligibility import Benefit, DateRange, Dates, Reference
from rules.contacts import tell_contact
from rules.facts import OtherPayer, PayerProfile, Priority
from rules.reasons import Rule, because
from rules.search import Identified
from rules.service_types import GENERIC

_DOCTOR = "P3"
"""NM101 of a primary care provider."""
_PAYER = {Priority.PRIMARY: "PRP", Priority.SECONDARY: "SEP", Priority.TERTIARY: "TTP"}
"""NM101 of a payer by its place."""
_COORDINATION = "290"
_MEMBER_ID, _GROUP_NUMBER = "1W", "6P"


def primary_care_lines(identified: Identified, day: date, profile: PayerProfile) -> Iterator[Benefit]:
    """The primary care provider of a day, if there is one."""
    chosen = identified.person.primary_care_provider
    if chosen is None or not profile.tells_primary_care_provider or not _is_on(day, chosen.begin, chosen.end):
        return
    yield Benefit(
        BenefitKind.PRIMARY_CARE_PROVIDER,
        (GENERIC,),
        related=(tell_contact(chosen.contact, _DOCTOR),),
        reason=because(Rule.PRIMARY_CARE_PROVIDER, "person", "primary_care_provider"),
    )


def other_payer_lines(identified: Identified, day: date, profile: PayerProfile) -> Iterator[Benefit]:
    """The other payers of the person on a day."""
    if not profile.tells_other_payers:
        return
    for index, other in enumerate(identified.contract.other_payers):
        is_theirs = not other.persons or identified.person.number in other.persons
        if is_theirs and _is_on(day, other.begin, other.end):
            yield _other_payer(other, f"other_payers[{index}]")


def _is_on(day: date, begin: date, end: date | None) -> bool:
    return begin <= day and (end is None or day <= end)


def _other_payer(other: OtherPayer, part: str) -> Benefit:
    references = ((_MEMBER_ID, other.member_id), (_GROUP_NUMBER, other.group_number))
    return Benefit(
        BenefitKind.OTHER_PAYER,
        (GENERIC,),
        insurance_type=other.insurance_type,
        dates=(Dates(_COORDINATION, DateRange(other.begin, other.end or other.begin)),),
        references=tuple([Reference(qualifier, value) for qualifier, value in references if value]),
        related=(tell_contact(other.payer, _PAYER[other.priority]),),
        reason=because(Rule.OTHER_PAYER, "contract", part),
    )
