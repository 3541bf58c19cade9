"""Positions as numbers and as text: one table of notations recognises them in strings and in bytes."""
