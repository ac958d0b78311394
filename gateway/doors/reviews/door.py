"""What is answered about reviews: to a request for one, which wait, how one stands, to a reviewer's decision."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from http import HTTPStatus

from fastapi import Request, Response
from msgspec.json import Encoder
from starlette.background import BackgroundTask

from edi.errors import Outage
from gateway.audit.disclosing import Disclosure, Disclosures, Said
from gateway.clock import Clock, system_clock
from gateway.doors.explain import refusal
from gateway.doors.failures import Failures, HungUp
from gateway.doors.real_time import InWork
from gateway.doors.refusals import DOCUMENTS, Document, Refusal, Refused
from gateway.doors.reviews.asking import ReviewAsker
from gateway.doors.reviews.bodies import read_json
from gateway.doors.reviews.callers import Callers
from gateway.doors.reviews.decision import read_decision, refused_verdict
from gateway.doors.reviews.paging import read_page, write_place
from gateway.doors.reviews.response import WaitingReviews
from gateway.doors.reviews.telling import tell_file, tell_standing, tell_waiting
from gateway.limits import Limits
from gateway.metrics import Metrics, Transaction
from gateway.pipeline import COMPUTATIONS_MAX
from gateway.reading import Reading
from gateway.reviews.desk import ReviewChanged, VerdictRefused
from gateway.reviews.office import ReviewOffice, Standing
from gateway.store.facts import FactStore
from gateway.store.review_desk import KeyRevoked, NoReview
from gateway.store.reviewers import Reviewer
from rules.facts import Submitter

REVIEWS_PATH = "/v1/reviews"

_UNKNOWN = Document(Refusal.NOT_FOUND, HTTPStatus.NOT_FOUND, "No review that you may ask about has this number.")
"""Also where it is somebody else's."""
_REVIEWERS = "reviewer/"
"""Before a reviewer's id where submitters are named by theirs, which have no slash."""
_encoder = Encoder()
_failures = Failures(logging.getLogger(__name__), "an answer about reviews failed")


class ReviewDoor:
    """What is answered about reviews; one for the process."""

    def __init__(
        self,
        callers: Callers,
        office: ReviewOffice,
        asker: ReviewAsker,
        facts: FactStore,
        disclosures: Disclosures,
        in_work: InWork,
        metrics: Metrics,
        limits: Limits,
        clock: Clock = system_clock,
    ) -> None:
        self._callers = callers
        self._office = office
        self._asker = asker
        self._facts = facts
        self._disclosures = disclosures
        self._in_work = in_work
        self._metrics = metrics
        self._limits = limits
        self._clock = clock

    async def ask(self, request: Request) -> Response:
        """A submitter asks for a review."""
        received_at = self._clock()
        submitter = await self._callers.submitter(request)
        data = await read_json(request, self._limits)
        with self._in_work.place(submitter.value.submitter_id):
            asked = await self._asker.ask(data, submitter, received_at)
        response = _json(asked.told, asked.standing)
        response.headers["x-edi-outcome"] = asked.told.meta.outcome
        if asked.standing is not None:
            response.headers["location"] = f"{REVIEWS_PATH}/{asked.standing.record.administrative_reference}"
        for name, value in asked.headers:
            response.headers[name.decode()] = value.decode()
        response.background = self._once_sent(asked.sent)
        return response

    async def list_waiting(self, request: Request) -> Response:
        """A reviewer wants to know what waits."""
        reviewer = await self._callers.reviewer(request)
        after, most = read_page(request)
        with self._in_work.place(_reader(reviewer).submitter_id):
            found = await self._office.waiting(after, most + 1)
        now = self._clock()
        told = tuple([tell_waiting(standing, now) for standing in found[:most]])
        return _json(WaitingReviews(told, write_place(found[most - 1]) if len(found) > most else None))

    async def tell(self, number: str, request: Request) -> Response:
        """A submitter or a reviewer wants to know how a review stands."""
        if self._callers.is_reviewer(request):
            return await self._tell_reviewer(number, request)
        for _ in range(COMPUTATIONS_MAX):
            caller = await self._callers.submitter(request)
            reading = Reading(self._facts)
            submitter = reading.note(caller)
            with self._in_work.place(submitter.submitter_id):
                standing = await self._office.find_own(number, submitter, reading, self._clock())
            response = refusal(_UNKNOWN) if standing is None else _json(tell_standing(standing), standing)
            said = Said.NOT_FOUND if standing is None else Said.REVIEW
            if await self._record(submitter, request, said, response, reading.versions):
                return response
        raise Outage("facts change faster than an answer can be given")

    async def _tell_reviewer(self, number: str, request: Request) -> Response:
        """All of a review."""
        reader = _reader(await self._callers.reviewer(request))
        with self._in_work.place(reader.submitter_id):
            standing = await self._office.find(number)
        if standing is None:
            raise _unknown()
        return await self._tell_file(standing, reader, request)

    async def _tell_file(self, standing: Standing, reader: Submitter, request: Request) -> Response:
        """All of a review; who saw it is on record."""
        response = _json(tell_file(standing), standing)
        await self._record(reader, request, Said.REVIEW_FILE, response, {})
        return response

    async def _record(
        self, reader: Submitter, request: Request, said: Said, response: Response, versions: Mapping[str, int]
    ) -> bool:
        """Whether what is about to be told is on record, by facts that are current."""
        recorded = await self._disclosures.record(
            Disclosure(
                submitter=reader,
                received_at=self._clock(),
                target=request.url.path.encode(),
                method=request.method.encode(),
                asked=Transaction.SERVICES_REVIEW,
                said=said,
                answer=bytes(response.body),
                versions=versions,
            )
        )
        if recorded is not None:
            response.background = self._once_sent(partial(self._disclosures.sent, recorded))
        return recorded is not None

    def _once_sent(self, sent: Callable[[datetime], None]) -> BackgroundTask:
        """Tells when a response has been handed to the client's connection."""

        async def note() -> None:
            sent(self._clock())

        return BackgroundTask(note)

    async def decide(self, number: str, request: Request) -> Response:
        """A reviewer decides."""
        reviewer = await self._callers.reviewer(request)
        reader = _reader(reviewer)
        verdict = read_decision(await read_json(request, self._limits))
        try:
            with self._in_work.place(reader.submitter_id):
                standing = await self._office.decide(number, reviewer, verdict, _versions(request), self._clock())
        except NoReview:
            raise _unknown() from None
        except KeyRevoked:
            raise Refused(Refusal.CREDENTIALS_UNKNOWN) from None
        except ReviewChanged:
            raise Refused(Refusal.CHANGED) from None
        except VerdictRefused as refused:
            raise refused_verdict(refused) from None
        return await self._tell_file(standing, reader, request)

    async def answered(self, answering: Awaitable[Response]) -> Response:
        """The answer, or the refusal that there is instead."""
        try:
            async with asyncio.timeout(self._limits.answer_s_max):
                return await answering
        except HungUp:
            # Which nobody reads.
            return Response()
        except (Exception, asyncio.CancelledError) as error:
            refused = _failures.refusal(error)
        self._metrics.refusals(refused.refusal).inc()
        return refusal(refused.document or DOCUMENTS[refused.refusal])


def _reader(reviewer: Reviewer) -> Submitter:
    """The reviewer as the audit and the limits name who asks."""
    return Submitter(f"{_REVIEWERS}{reviewer.reviewer_id}", reviewer.name, "", "")


def _unknown() -> Refused:
    return Refused(Refusal.NOT_FOUND, _UNKNOWN)


def _versions(request: Request) -> frozenset[int] | None:
    """The versions that ``If-Match`` names (RFC 9110, 13.1.1), one of which has to be; None where any will do."""
    tags = [tag.strip().strip('"') for tag in request.headers.get("if-match", "*").split(",")]
    if "*" in tags:
        return None
    return frozenset(int(tag) for tag in tags if tag.isascii() and tag.isdigit() and len(tag) < 10)


def _json(told: object, standing: Standing | None = None) -> Response:
    tag = {} if standing is None else {"etag": f'"{standing.record.version}"'}
    return Response(_encoder.encode(told), media_type="application/json", headers={"cache-control": "no-store", **tag})
