"""Where entries come from: folders now; lists, MARC and uploads as they are built."""
