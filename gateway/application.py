"""The composition root: builds the parts of one gateway process and gives them back when it ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from edi.claim_status_list import STATUS_CODES
from edi.errors import Outage
from gateway.audit.disclosing import Disclosures, open_disclosures
from gateway.audit.log import open_audit
from gateway.configuration import Configuration, configuration_of, encode_configuration
from gateway.exchange import Closure
from gateway.explaining.explainer import Explainer
from gateway.following import Following, open_following
from gateway.hours.opening import known_closure
from gateway.metrics import Metrics
from gateway.operators_files import load_status_codes
from gateway.pipeline import Pipeline
from gateway.reading import Reading
from gateway.reviews.clocks import ReviewClocks
from gateway.reviews.holding import HoldingDesk
from gateway.reviews.office import ReviewOffice
from gateway.services import services_of
from gateway.settings import Settings
from gateway.store.claim_changes import CLAIM_CHANGES
from gateway.store.facts import FactStore, open_facts
from gateway.store.held_requests import open_held_requests
from gateway.store.pruning import Pruner
from gateway.store.records import open_records
from gateway.store.review_changes import REVIEW_CHANGES
from gateway.store.review_desk import ReviewRecord
from gateway.store.reviewers import ReviewerRegister, open_reviewers
from gateway.store.reviews import open_reviews
from rules.facts import Function
from rules.facts.claims import Claim
from rules.facts.service_hours import ServiceCalendar


@dataclass(frozen=True, slots=True)
class Gateway:
    """What the doors of one process need."""

    facts: FactStore
    pipeline: Pipeline
    explainer: Explainer
    metrics: Metrics
    configuration: Configuration
    following: Following[Claim]
    following_reviews: Following[ReviewRecord]
    disclosures: Disclosures
    reviews: ReviewOffice
    reviewers: ReviewerRegister
    clocks: ReviewClocks
    holding: HoldingDesk
    pruner: Pruner

    async def calendar(self) -> ServiceCalendar:
        """The payer's service hours, as fresh as the messages of changes; raises Outage when they cannot be had."""
        return await Reading(self.facts).calendar(self.configuration.profile.identifier)

    def end_waiting(self) -> None:
        """Let nobody wait for changes any more."""
        self.following.end()
        self.following_reviews.end()

    def known_closure(self, function: Function, moment: datetime) -> Closure | None:
        """Why a function is closed, as far as this process knows without asking; None where it is open."""
        return known_closure(self.facts, self.configuration.profile.identifier, function, moment)

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
    STATUS_CODES.use(None if settings.status_codes is None else load_status_codes(settings.status_codes))
    async with (
        open_facts(settings.database_url, settings.redis_url, metrics) as facts,
        open_audit(settings.database_url, encode_configuration(configuration)) as audit,
        open_records(settings.database_url) as records,
        open_reviews(settings.database_url) as register,
        open_held_requests(settings.database_url) as held,
        open_reviewers(settings.database_url) as reviewers,
        open_following(settings.database_url, CLAIM_CHANGES) as following,
        open_following(settings.database_url, REVIEW_CHANGES) as following_reviews,
        open_disclosures(audit, facts, metrics) as disclosures,
    ):
        services = services_of(configuration, register)
        profile = configuration.profile

        async def read_calendar() -> ServiceCalendar:
            return await Reading(facts).calendar(profile.identifier)

        pipeline = Pipeline(facts, audit, services, configuration.payer, configuration.zone, metrics, register)
        yield Gateway(
            facts,
            pipeline,
            Explainer(records),
            metrics,
            configuration,
            following,
            following_reviews,
            disclosures,
            ReviewOffice(settings.database_url, facts, register, profile, configuration.zone),
            reviewers,
            ReviewClocks(
                settings.database_url, read_calendar, profile, configuration.reviews, configuration.zone, metrics
            ),
            HoldingDesk(pipeline, facts, held, read_calendar, metrics),
            Pruner(settings.database_url, timedelta(days=settings.changes_kept_days)),
        )
