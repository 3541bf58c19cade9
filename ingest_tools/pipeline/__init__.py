"""The ingest pipeline: parse, store and write entries in batches."""
