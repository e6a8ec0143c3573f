"""Benchmarks: thirteen workloads, each beside hand-written NumPy and the peers; ``make benchmark``."""
