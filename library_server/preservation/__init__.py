"""Keeping what is stored: checking it, comparing it with the catalogue, moving it to another store."""
