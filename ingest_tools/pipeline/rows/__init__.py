"""Rows without a file: what they change in known records, and the new records that they become."""
