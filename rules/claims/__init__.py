"""Claims: which one is meant, how it stands, and what becomes of it."""
