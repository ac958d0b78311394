"""Why an answer is what it is: it is computed again from its record."""
