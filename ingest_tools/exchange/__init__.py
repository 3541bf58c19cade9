"""Descriptions as other libraries and programs write them, both ways: MARC, lists, Dublin Core, BibTeX."""
