"""Which lines of a held claim are told of."""

from collections.abc import Sequence

from edi.claim_acknowledgment import AcknowledgedLine
from edi.remittance import RemittedLine
from rules.claims.search import normalize_number
from rules.facts.claims import Claim, ServiceLine

_REVENUE_CODE = "NU:"
"""Qualifies a revenue code where a procedure stands."""

_Told = RemittedLine | AcknowledgedLine


def assign_lines(claim: Claim, told: Sequence[_Told]) -> dict[int, list[int]]:
    """By the index of each line of the claim that is told of, the indices of what is told: a payer may split a line.

    The provider's own line number says which it is; without it procedure, charge and days have to agree, and of several
    alike each is told of once. What fits no line is left out.
    """
    by_number = {normalize_number(line.control_number): index for index, line in enumerate(claim.lines)}
    by_number.pop("", None)
    assigned: dict[int, list[int]] = {}
    unnumbered = []
    for at, each in enumerate(told):
        index = by_number.get(normalize_number(each.control_number))
        if index is None:
            unnumbered.append(at)
        else:
            assigned.setdefault(index, []).append(at)
    for at in unnumbered:
        free = (
            index for index, line in enumerate(claim.lines) if index not in assigned and _fits(told[at], line, claim)
        )
        index = next(free, None)
        if index is not None:
            assigned[index] = [at]
    return assigned


def _fits(told: _Told, line: ServiceLine, claim: Claim) -> bool:
    days = line.dates or claim.dates
    return (
        abs(told.charge) == line.charge
        and _same_procedure(told, line)
        and (told.dates is None or (told.dates.first <= days.last and days.first <= told.dates.last))
    )


def _same_procedure(told: _Told, line: ServiceLine) -> bool:
    """Whether one is the other, modifiers that only one of them has apart; or the revenue code where that is all."""
    submitted = told.submitted_procedure if isinstance(told, RemittedLine) else ""
    procedure = submitted or told.procedure
    if procedure.startswith(_REVENUE_CODE) and line.revenue_code:
        return procedure.removeprefix(_REVENUE_CODE) == line.revenue_code
    return f"{procedure}:".startswith(f"{line.procedure}:") or f"{line.procedure}:".startswith(f"{procedure}:")
