"""The composition root: builds the parts of one gateway process and gives them back when it ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from edi.claim_status_codes import use_status_codes
from edi.errors import Outage
from gateway.audit import open_audit
from gateway.configuration import Configuration, configuration_of, encode_configuration
from gateway.explaining import Explainer
from gateway.following import Following, open_following
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline
from gateway.reading import Reading
from gateway.review_clocks import ReviewClocks
from gateway.review_office import ReviewOffice
from gateway.services import services_of
from gateway.settings import Settings
from gateway.status_code_file import load_status_codes
from gateway.store.facts import FactStore, open_facts
from gateway.store.records import open_records
from gateway.store.reviewers import ReviewerRegister, open_reviewers
from gateway.store.reviews import open_reviews
from rules.facts.service_hours import ServiceCalendar


@dataclass(frozen=True, slots=True)
class Gateway:
    """What the doors of one process need."""

    facts: FactStore
    pipeline: Pipeline
    explainer: Explainer
    metrics: Metrics
    configuration: Configuration
    following: Following
    reviews: ReviewOffice
    reviewers: ReviewerRegister
    clocks: ReviewClocks

    async def calendar(self) -> ServiceCalendar:
        """The payer's service hours, as fresh as the messages of changes; raises Outage when they cannot be had."""
        return await Reading(self.facts).calendar(self.configuration.profile.identifier)

    async def ready(self) -> bool:
        """Whether requests can be answered: PostgreSQL does. Redis is not asked, for without it answers go on."""
        try:
            await self.facts.ping()
        except Outage:
            return False
        return True


@asynccontextmanager
async def open_gateway(settings: Settings) -> AsyncIterator[Gateway]:
    """The gateway of these settings, which name a database and a Redis, for as long as the block lasts."""
    assert settings.database_url is not None  # noqa: S101 - the caller's contract
    assert settings.redis_url is not None  # noqa: S101
    metrics = Metrics()
    configuration = configuration_of(settings)
    use_status_codes(None if settings.status_codes is None else load_status_codes(settings.status_codes))
    async with (
        open_facts(settings.database_url, settings.redis_url, metrics) as facts,
        open_audit(settings.database_url, encode_configuration(configuration)) as audit,
        open_records(settings.database_url) as records,
        open_reviews(settings.database_url) as register,
        open_reviewers(settings.database_url) as reviewers,
        open_following(settings.database_url) as following,
    ):
        services = services_of(configuration, register)
        profile = configuration.profile

        async def read_calendar() -> ServiceCalendar:
            return await Reading(facts).calendar(profile.identifier)

        yield Gateway(
            facts,
            Pipeline(facts, audit, services, configuration.payer, configuration.zone, metrics, register),
            Explainer(records),
            metrics,
            configuration,
            following,
            ReviewOffice(settings.database_url, facts, register, profile, configuration.zone),
            reviewers,
            ReviewClocks(settings.database_url, read_calendar, profile, configuration.zone, metrics),
        )
