"""Who answers what."""

from typing import Any

from edi.claim_status import ClaimStatusRequest
from edi.eligibility import EligibilityRequest
from edi.services_review import ReviewRequest
from gateway.claim_status import ClaimStatusService
from gateway.configuration import Configuration
from gateway.eligibility import EligibilityService
from gateway.exchange import Service, Services
from gateway.hours.opening import OpeningHours, WithinHours
from gateway.reviews.service import Register, ReviewService
from parsers.inquiries import Request


def services_of(configuration: Configuration, register: Register | None = None) -> Services:
    """A service for each kind of request, by the payer's settings.

    Args:
        register: where reviews are put on record; None: reviews are not done.
    """
    hours = OpeningHours(configuration.profile.identifier)
    services: dict[type[Request], Service[Any]] = {
        EligibilityRequest: WithinHours(EligibilityService(configuration.profile), hours),
        ClaimStatusRequest: WithinHours(ClaimStatusService(configuration.claims, configuration.profile), hours),
    }
    if register is not None:
        services[ReviewRequest] = WithinHours(ReviewService(configuration.profile, register), hours)
    return services
