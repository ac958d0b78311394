"""The three families of errors, named by whose fault they are."""


class PartnerError(Exception):
    """The partner's message cannot be answered as asked; it becomes a TA1, 999, AAA or STC, never a 500."""


class CallerError(Exception):
    """Our own code broke a contract of this library; a bug, and loud."""


class Outage(Exception):  # noqa: N818 - an outage is a state of the world, not a mistake
    """Something we depend on does not answer; the partner is told to come back."""
