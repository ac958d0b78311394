"""Which status codes a remittance advice comes to: a table of data, and how it is read and applied.

The table is text with a version, so that an operator can have another (``SETTLEMENT_CODES``).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from importlib.resources import files
from types import MappingProxyType

from edi.claim_status_codes import (
    CODES_PER_SEGMENT_MAX,
    Category,
    StatusCode,
    check_claim_codes,
    parse_status_code,
)
from edi.operators_tables import OperatorsTable
from edi.remittance import Adjustment, Disposition

_ANY_GROUP = "*"
_ZERO = Decimal(0)


class Pays(StrEnum):
    """When a row on claims holds."""

    PAID = "paid"
    UNPAID = "unpaid"
    ANY = "any"
    """Whether anything is paid or not; the reasons given do not matter either."""


class Effect(StrEnum):
    """What a reason does where nothing is paid."""

    DENIES = "denies"
    NOTHING_DUE = "nothing due"
    LESSENS = "lessens"
    """It explains a part of the difference, and says something only where no other reason is given."""

    @property
    def category(self) -> Category:
        """Of a claim or line that is not paid for such a reason."""
        return Category.DENIED if self is Effect.DENIES else Category.NO_PAYMENT


@dataclass(frozen=True, slots=True)
class Reason:
    """What one adjustment reason says in a 277."""

    effect: Effect
    status: str
    """List 508."""
    entity: str = ""


@dataclass(frozen=True, slots=True)
class SettlementCodes:
    """The table: from CLP02 and CAS to status codes."""

    version: str
    claims: Mapping[tuple[Disposition, Pays], tuple[StatusCode, ...]]
    corrected: StatusCode
    """Of what follows a reversal in the same payment."""
    reasons: Mapping[tuple[str, str], Reason]
    """By CAS01, or ``*`` for any, and CAS02."""

    def codes(
        self, disposition: Disposition, paid: Decimal, adjustments: Iterable[Adjustment], *, is_correction: bool
    ) -> tuple[StatusCode, ...]:
        """The codes of a claim's status, the most telling first, at most as many as one segment has.

        Args:
            disposition: CLP02.
            paid: of the claim, or of one of its lines.
            adjustments: those of the claim or line, and of all below it.
            is_correction: whether it follows a reversal in the same payment.
        """
        always = self.claims.get((disposition, Pays.ANY))
        if always is not None:
            return always
        pays = paid > 0
        usual, *further = self.claims[disposition, Pays.PAID if pays else Pays.UNPAID]
        if pays:
            return (self.corrected if is_correction else usual, *further)
        further += [self.corrected] if is_correction else []
        forced = usual.category if usual.category is Category.DENIED else None
        told = self._told(adjustments, forced) or [usual]
        return tuple(told[: CODES_PER_SEGMENT_MAX - len(further)] + further)

    def _told(self, adjustments: Iterable[Adjustment], category: Category | None) -> list[StatusCode]:
        """A code for each reason, that for the largest amount first."""
        amounts: dict[Reason, Decimal] = defaultdict(Decimal)
        for adjustment in adjustments:
            reason = self._reason(adjustment)
            if reason is not None:
                amounts[reason] += adjustment.amount
        given = [reason for reason in sorted(amounts, key=lambda each: -amounts[each]) if amounts[reason] > _ZERO]
        telling = [reason for reason in given if reason.effect is not Effect.LESSENS] or given
        return [StatusCode(category or each.effect.category, each.status, each.entity) for each in telling]

    def _reason(self, adjustment: Adjustment) -> Reason | None:
        of_group = self.reasons.get((adjustment.group, adjustment.reason))
        return of_group or self.reasons.get((_ANY_GROUP, adjustment.reason))


def read_settlement_codes(text: str) -> SettlementCodes:
    """Read the table: a row a line, tabs between its columns; ``#`` comments. Its own head explains the rows.

    Raises:
        ValueError: a line is no row, or something is missing; says which.
    """
    single: dict[str, str] = {}
    claims: dict[tuple[Disposition, Pays], tuple[StatusCode, ...]] = {}
    reasons: dict[tuple[str, str], Reason] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            match line.split("\t"):
                case [("version" | "corrected") as kind, value]:
                    single[kind] = value
                case ["claim", disposition, pays, codes]:
                    row = Disposition(disposition), Pays(pays)
                    claims[row] = tuple([parse_status_code(code) for code in codes.split()])
                    check_claim_codes(claims[row])
                case ["reason", group, reason, effect, status]:
                    reasons[group, reason] = _read_reason(effect, status)
                case [first, *_] if first and not first.startswith("#"):
                    raise ValueError("not a row")
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
    _check_complete(single, claims)
    return SettlementCodes(
        single["version"], MappingProxyType(claims), parse_status_code(single["corrected"]), MappingProxyType(reasons)
    )


def _read_reason(effect: str, status: str) -> Reason:
    """A reason whose status code can be sent."""
    code, _, entity = status.partition(":")
    reason = Reason(Effect(effect), code, entity)
    check_claim_codes((StatusCode(reason.effect.category, reason.status, reason.entity),))
    return reason


def _check_complete(
    single: Mapping[str, str], claims: Mapping[tuple[Disposition, Pays], tuple[StatusCode, ...]]
) -> None:
    if not {"version", "corrected"} <= single.keys():
        raise ValueError("the table does not say its version, or what a correction is")
    for disposition in Disposition:
        needed = {(disposition, Pays.PAID), (disposition, Pays.UNPAID)}
        if (disposition, Pays.ANY) not in claims and not needed <= claims.keys():
            raise ValueError(f"the table does not say what CLP02 {disposition} is")
    reversal = claims.get((Disposition.REVERSAL, Pays.ANY), ())
    if not reversal or reversal[0].category is not Category.REVISED:
        raise ValueError("a reversal (CLP02 22) is F3, whatever is taken back")


def _carried_settlement_codes() -> SettlementCodes:
    return read_settlement_codes(files("rules.claims").joinpath("settlement_codes.tsv").read_text(encoding="utf-8"))


SETTLEMENT_CODES = OperatorsTable(_carried_settlement_codes)
"""By which this process settles claims."""
