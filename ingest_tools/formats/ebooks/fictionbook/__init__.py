"""FictionBook 2: a book in one XML file."""
