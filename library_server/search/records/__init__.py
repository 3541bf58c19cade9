"""The Whoosh index of records."""
