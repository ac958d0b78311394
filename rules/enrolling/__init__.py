"""What an enrollment (834) makes of a contract."""
