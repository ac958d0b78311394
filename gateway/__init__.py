"""The world: doors, stores, cache, audit, metrics, clock and the command line."""
