"""``GET /v1/claims``: claims in JSON, asked for once or followed."""
