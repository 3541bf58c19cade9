"""Other forms of MARC records than ISO 2709: XML, JSON, lines of text."""
