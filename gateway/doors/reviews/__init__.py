"""``/v1/reviews``: the 278 in JSON, how reviews stand, and what reviewers decide."""
