"""Records: queries, commands, revisions, merging and duplicates."""
