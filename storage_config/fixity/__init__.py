"""Fixity of stored objects: verification against a checksum, and its speed limit."""
