"""What the gateway costs, measured: `python -m benchmarks.realtime`, and pytest-benchmark for its parts."""
