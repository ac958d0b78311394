"""Reviewing services (278): who asks and for whom, what is wrong, what the plan's rules decide, and by when."""

from rules.reviews.clocks import DueTimes, due_times, is_urgent
from rules.reviews.concluding import (
    BY_REVIEWER,
    Verdict,
    VerdictFault,
    close_review,
    conclude_review,
    find_verdict_faults,
)
from rules.reviews.deciding import (
    coverage_for,
    decide_review,
    refuse,
    refuse_closed,
    refuse_form,
    refuse_reused_trace,
    tell_cancelled,
)
from rules.reviews.documents import DocumentCame, all_in_at
from rules.reviews.earlier import EarlierReview, cancels_event, earlier_named, only_cancels
from rules.reviews.identity import Repetition, RequestIdentity, compare, identity_of
from rules.reviews.matching import OTHERWISE
from rules.reviews.members import as_inquiry, identify_patient, permit_requester, requester_of
from rules.reviews.problems import PolicyFault, PolicyProblem, find_policy_problems
from rules.reviews.settling import Grant
from rules.reviews.withdrawing import amend

__all__ = [
    "BY_REVIEWER",
    "OTHERWISE",
    "DocumentCame",
    "DueTimes",
    "EarlierReview",
    "Grant",
    "PolicyFault",
    "PolicyProblem",
    "Repetition",
    "RequestIdentity",
    "Verdict",
    "VerdictFault",
    "all_in_at",
    "amend",
    "as_inquiry",
    "cancels_event",
    "close_review",
    "compare",
    "conclude_review",
    "coverage_for",
    "decide_review",
    "due_times",
    "earlier_named",
    "find_policy_problems",
    "find_verdict_faults",
    "identify_patient",
    "identity_of",
    "is_urgent",
    "only_cancels",
    "permit_requester",
    "refuse",
    "refuse_closed",
    "refuse_form",
    "refuse_reused_trace",
    "requester_of",
    "tell_cancelled",
]
