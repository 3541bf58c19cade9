"""Where entries come from: files and folders, lists and MARC files, packs."""
