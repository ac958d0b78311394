"""``POST /v1/eligibility``: the 270 and the 271 in JSON."""
