"""Rows without a file."""
