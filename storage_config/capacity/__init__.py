"""Capacity planning: erasure coding, drives, workload and cost."""
