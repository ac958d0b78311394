"""Who asks: submitters, providers, and what provider groups have entitled submitters to."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Function(StrEnum):
    """What a provider group can entitle a submitter to."""

    ELIGIBILITY = "eligibility"
    CLAIM_STATUS = "claim status"
    PRECERTIFICATION = "precertification"
    CLAIM_PROCEDURES = "claim procedures"
    COST_ESTIMATES = "cost estimates"


class SubmitterStatus(StrEnum):
    """Whether a submitter may send anything at all."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Submitter:
    """A trading partner: a practice, billing service or clearinghouse that sends interchanges."""

    submitter_id: str
    name: str
    interchange_qualifier: str
    """ISA05."""
    interchange_id: str
    """ISA06, without the padding."""
    status: SubmitterStatus = SubmitterStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class ProviderIdentifier:
    """One way in which loop 2100B may name a provider."""

    qualifier: str
    """NM108: ``XX`` NPI, ``FI`` tax id, ``SV`` the payer's own."""
    identifier: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider or a group of providers."""

    provider_id: str
    """The payer's own key."""
    name: str
    identifiers: tuple[ProviderIdentifier, ...]
    """No two providers share one."""
    tins: tuple[str, ...]
    """Tax ids of the groups to which the provider belongs, nine digits each."""
    may_inquire: bool = True


@dataclass(frozen=True, slots=True)
class Entitlement:
    """A provider group lets a submitter use one function on its behalf."""

    submitter_id: str
    tin: str
    function: Function
    valid_from: datetime
    """Aware; from this moment on."""
    valid_until: datetime | None = None
    """Up to, not including, this moment; None: until revoked."""
    granted_by: str = field(default="", repr=False)
    """The access manager who granted it."""
