"""Parts of a work: how they are numbered, and their order."""
