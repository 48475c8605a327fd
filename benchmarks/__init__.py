"""Benchmarks: each folder is a suite with a `rows()` function; `python -m benchmarks` prints them all as one table."""
