"""The language of a command, and its help in that language."""
