"""Covers: stored ones, and generated ones for records without."""
