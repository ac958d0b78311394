"""Who answers what."""

from edi.claim_status import ClaimStatusRequest
from edi.eligibility import EligibilityRequest
from gateway.claim_status import ClaimStatusService
from gateway.configuration import Configuration
from gateway.eligibility import EligibilityService
from gateway.exchange import Services
from gateway.opening import OpeningHours, WithinHours


def services_of(configuration: Configuration) -> Services:
    """A service for each kind of request, by the payer's settings."""
    hours = OpeningHours(configuration.profile.identifier)
    return {
        EligibilityRequest: WithinHours(EligibilityService(configuration.profile), hours),
        ClaimStatusRequest: WithinHours(ClaimStatusService(configuration.claims), hours),
    }
