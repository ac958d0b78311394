"""What the pipeline would answer, worked out from the facts at hand and neither recorded nor sent."""

from dataclasses import dataclass, field
from datetime import datetime

from edi.claim_status import ClaimStatusAnswer
from gateway.configuration import Configuration
from gateway.drafting import count_patients, draft_answer
from gateway.exchange import Circumstances, Outcome, local
from gateway.reading import Reading
from gateway.receiving import receive
from gateway.services import services_of
from gateway.stages import Stages
from gateway.store.facts import Fact, FactStore
from rules.facts import Submitter


@dataclass(slots=True)
class Foreseen:
    """An answer that tells of claims, and what it rests on."""

    answer: ClaimStatusAnswer = field(repr=False)
    versions: dict[str, int] = field(repr=False)
    """Of all facts by which it is so, the caller's credential among them."""


class Foreseer:
    """Works answers out; one for the process."""

    def __init__(self, facts: FactStore, configuration: Configuration) -> None:
        self._facts = facts
        self._configuration = configuration
        self._services = services_of(configuration)

    async def foresee(self, inquiry: bytes, caller: Fact[Submitter], now: datetime) -> Foreseen | None:
        """The answer to a 276 of one claim; None where it would be refused.

        Raises:
            Outage: the facts cannot be had at all.
        """
        reading, stages, configuration = Reading(self._facts), Stages(), self._configuration
        submitter = reading.note(caller)
        received = receive(inquiry, submitter, configuration.payer, self._services, stages)
        patients = count_patients(received, self._services)
        moment = local(now, configuration.zone)
        draft = await draft_answer(
            received, Circumstances(submitter, now, moment, patients, reading, stages, str), self._services
        )
        if draft.outcome is not Outcome.CLAIM_STATUS:
            return None
        answers = (answer for response in draft.responses for answer in response.answers)
        answer = next((answer for answer in answers if isinstance(answer, ClaimStatusAnswer)), None)
        return None if answer is None else Foreseen(answer, reading.versions)
