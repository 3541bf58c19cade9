"""Passages: the text of a record with locators, as it is stored."""
