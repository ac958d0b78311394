"""With what answers are computed, besides what is asked and the facts: kept with the audit, to compute them again."""

from dataclasses import dataclass, field
from importlib.metadata import version
from zoneinfo import ZoneInfo

import msgspec

from edi.envelope import Address
from gateway.profile_file import read_profiles
from gateway.settings import Settings
from rules.facts import PayerProfile
from rules.facts.claim_profile import ClaimStatusProfile
from rules.facts.reviews import ReviewProfile


@dataclass(frozen=True, slots=True)
class Configuration:
    """This program and the payer's settings. A field that is added gets a default: older ones are read for ever."""

    program: str
    """Its version."""
    profile: PayerProfile
    payer: Address
    """Our own, in envelopes."""
    time_zone: str
    """IANA name."""
    claims: ClaimStatusProfile = field(default_factory=ClaimStatusProfile)
    reviews: ReviewProfile = field(default_factory=ReviewProfile)

    @property
    def zone(self) -> ZoneInfo:
        """The payer's time zone."""
        return ZoneInfo(self.time_zone)


def configuration_of(settings: Settings) -> Configuration:
    """What an operator's settings mean for answers.

    Raises:
        ValueError: the profile file can no longer be used.
    """
    profile, claims, reviews = read_profiles(
        settings.profile, settings.payer_name, settings.payer_id, settings.payer_tax_id
    )
    return Configuration(
        program=version("edi-gateway"),
        profile=profile,
        payer=Address(settings.payer_interchange_qualifier, settings.payer_interchange_id),
        time_zone=settings.time_zone,
        claims=claims,
        reviews=reviews,
    )


def encode_configuration(configuration: Configuration) -> bytes:
    """As JSON, all of its fields, always the same for the same."""
    return msgspec.json.encode(configuration, order="deterministic")


def decode_configuration(document: bytes) -> Configuration:
    """What ``encode_configuration`` wrote.

    Raises:
        msgspec.ValidationError: it is of a program too different from this one.
    """
    return msgspec.json.decode(document, type=Configuration)
