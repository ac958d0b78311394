"""Where bytes come in: each door takes off an envelope, authenticates, and gives the rest to the one pipeline."""
