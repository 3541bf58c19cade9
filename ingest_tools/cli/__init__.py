"""Ingest commands of `tianyuan`."""
