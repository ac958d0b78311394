"""Health services reviews (278): requests, reviewers, decisions, clocks, and what waits for the opening."""
