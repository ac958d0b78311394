"""Bounds on the work that a partner's bytes can cause here, each with its unit.

A bound that is passed is a finding like any other: the interchange is rejected, and what follows is not read.
"""

SEGMENT_CHARACTERS_MAX = 100_000
"""Between two segment terminators, white space included. The longest segments of the HIPAA guides stay under 3,000."""

SEGMENTS_PER_TRANSACTION_MAX = 200_000
"""From ST to SE. Bounds memory: the largest transaction set is held whole while it is judged."""

FINDINGS_PER_TRANSACTION_MAX = 1_000
"""Findings kept for one transaction set; it is rejected at the first, the others help to mend it."""

ENVELOPES_PER_REQUEST_MAX = 1_000
"""Functional groups and transaction sets, counted together, of a request that is answered at once. Files have no such
bound. As many inquiries of the usual size are well above the bytes that a request may have."""

FINDINGS_PER_REQUEST_MAX = 1_000
"""Findings by the guides kept for all transaction sets of a request that is answered at once; of each set that comes
when there are as many, only the first is kept, which rejects it."""

FINDINGS_PER_ENVELOPE_MAX = 100
"""Findings kept for one interchange or functional group itself."""

WHOLE_TRANSACTION_CHARACTERS_MAX = 65_536
"""How far ahead an SE is looked for, to take a transaction set in one go; longer ones are taken segment by segment."""
