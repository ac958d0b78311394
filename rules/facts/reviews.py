"""How a plan reviews services: rules that are data, the first that fits deciding each service of a 278.

Decision reason codes (HCR03) are those of the external list that X12 names; a payer puts in its own.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from edi.services_review_codes import CertificationType, LevelOfService, RequestCategory


class Outcome(StrEnum):
    """What a rule, or a reviewer, decides."""

    CERTIFIED = "certified"
    MODIFIED = "modified"
    """Certified for less than was asked for; in full where that was no more."""
    NOT_CERTIFIED = "not certified"
    PENDED = "pended"
    NOT_REQUIRED = "not required"
    CONTACT_PAYER = "contact payer"
    NOT_REVIEWED = "not reviewed"
    """This payer does no such review: AAA 33 (X12 RFI 2477)."""


@dataclass(frozen=True, slots=True)
class CodeRange:
    """Codes from ``first`` to ``last``; a bound stands for all codes that begin with it, ``M50`` for ``M50.1`` too."""

    first: str
    last: str
    qualifiers: tuple[str, ...] = ()
    """Code lists to which it applies, ``HC`` or ``ABK``; empty: any."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a request has to be for a rule to fit. What is empty asks for nothing."""

    categories: tuple[RequestCategory, ...] = ()
    """UM01."""
    certifications: tuple[CertificationType, ...] = ()
    """UM02; empty: any but an appeal or a reconsideration, which people decide unless a rule names them."""
    service_types: tuple[str, ...] = ()
    """UM03."""
    places: tuple[str, ...] = ()
    """UM04 with its qualifier: ``21:B`` place of service, ``11:A`` type of bill."""
    levels: tuple[LevelOfService, ...] = ()
    """UM06."""
    procedures: tuple[CodeRange, ...] = ()
    revenue_codes: tuple[CodeRange, ...] = ()
    diagnoses: tuple[CodeRange, ...] = ()
    """One of the event's has to be in one of them."""
    quantity_over: Decimal | None = None
    """Fits when more than this is asked for, or no quantity at all."""


@dataclass(frozen=True, slots=True)
class WantedDocument:
    """A document that a pended review waits for."""

    report_type: str
    """PWK01."""
    transmission: str = "EL"
    """PWK02."""
    description: str = ""
    """PWK07."""
    loinc: str = ""
    """The same as a LOINC code (HI LOI)."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is decided, with what is told along."""

    outcome: Outcome
    reasons: tuple[str, ...] = ()
    """HCR03, at most five; at least one when it is not certified."""
    message: str = ""
    """MSG."""
    days_valid: int | None = None
    """For how long a certification holds from its day on; None: no expiry is told."""
    quantity_max: Decimal | None = None
    """Of a modified certification."""
    documents: tuple[WantedDocument, ...] = ()
    """That are asked for, of a pended review as a rule."""
    second_opinion: bool | None = None
    """HCR04."""


@dataclass(frozen=True, slots=True)
class ReviewRule:
    """One rule of a plan."""

    name: str
    """Unique in the policy."""
    when: Condition
    then: Ruling


@dataclass(frozen=True, slots=True)
class ReviewProfile:
    """What a payer may switch in reviews, whatever the plan."""

    close_outcome: Outcome = Outcome.CONTACT_PAYER
    """What is said to a review for which nothing came in time. No denial unless the payer has it so: nobody has looked
    at the service, and who still wants it calls or asks anew."""
    close_reasons: tuple[str, ...] = ()
    """HCR03 that goes with it; needed where it is not certified."""
    close_message: str = "CLOSED BECAUSE NO DOCUMENTS CAME IN TIME"

    @property
    def close(self) -> Ruling:
        """The same as a ruling."""
        return Ruling(self.close_outcome, reasons=self.close_reasons, message=self.close_message)


@dataclass(frozen=True, slots=True)
class ReviewDesk:
    """Whom to call, or to send documents to."""

    name: str
    phone: str = ""
    fax: str = ""
    email: str = ""
    address: tuple[str, ...] = ()
    """One or two lines, then city, state and postal code; empty: none is told."""


@dataclass(frozen=True, slots=True)
class ReviewPolicy:
    """How one plan reviews."""

    plan_id: str
    rules: tuple[ReviewRule, ...] = ()
    """The first that fits decides."""
    otherwise: Ruling = Ruling(Outcome.PENDED)
    """When none fits."""
    desk: ReviewDesk | None = None
    needs_diagnosis: bool = True
    """Whether an event without a diagnosis is refused, but for a cancellation."""
    days_back: int | None = None
    """How long ago an event may have ended; None: any time."""
    checks_providers: bool = False
    """Whether a provider who is not on file is refused."""
