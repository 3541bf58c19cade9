"""Merges of records: what they move, and how it moves back."""
