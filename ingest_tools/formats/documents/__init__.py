"""Documents that other programs convert to PDF, and those that only their publisher's program opens."""

from __future__ import annotations

CONVERTED_SUFFIXES = frozenset((
    ".doc", ".dot", ".wps", ".wpt", ".ppt", ".pps", ".pot", ".dps", ".pptx", ".ppsx", ".pptm", ".ppsm", ".rtf", ".odt",
    ".odp", ".odg", ".ott", ".otp", ".fodt", ".fodp", ".fodg", ".sxw", ".stw", ".sxi", ".sti", ".sxd",
    ".djvu", ".djv",
))  # fmt: skip
"""The usual suffixes of what is converted, for what has to be known before a file is opened."""
SCAN_SUFFIXES = frozenset((".tif", ".tiff"))
"""Of pictures that may have the pages of a book in them, which takes as long."""
