"""Mobipocket and KF8: books for Kindles and older readers, in a Palm database."""
