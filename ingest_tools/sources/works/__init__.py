"""Folders whose files are one work: films of discs, pages of pictures and of HTML, unpacked EPUBs."""
