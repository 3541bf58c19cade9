"""Normalization of what people and files write: text, dates, numerals, identifiers, classification."""
