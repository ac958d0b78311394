"""The record of what was told to whom, without which no answer leaves."""
