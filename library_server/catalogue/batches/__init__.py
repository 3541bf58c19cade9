"""Batches of ingest and their entries."""
