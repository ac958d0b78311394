"""The service calendar: when a payer's functions can be used, what is wrong with a calendar, how a week went."""

from rules.service_hours.availability import Availability, is_conforming, measure, weekly_availability
from rules.service_hours.business_days import end_of_business_day, is_business_day
from rules.service_hours.opening import (
    Status,
    StatusReason,
    maintenance_of,
    next_open,
    open_spans,
    published_spans,
    status,
)
from rules.service_hours.problems import CalendarFault, CalendarProblem, find_problems
from rules.service_hours.receipt import Course, Receipt, receipt
from rules.service_hours.spans import Span, span

__all__ = [
    "Availability",
    "CalendarFault",
    "CalendarProblem",
    "Course",
    "Receipt",
    "Span",
    "Status",
    "StatusReason",
    "end_of_business_day",
    "find_problems",
    "is_business_day",
    "is_conforming",
    "maintenance_of",
    "measure",
    "next_open",
    "open_spans",
    "published_spans",
    "receipt",
    "span",
    "status",
    "weekly_availability",
]
