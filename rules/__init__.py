"""Decisions: facts, an inquiry and a moment in; an answer out. Pure functions, standard library only."""
