"""The X12 language: delimiters, segments, code lists, typed inquiries and answers, and writing them. Values only."""
