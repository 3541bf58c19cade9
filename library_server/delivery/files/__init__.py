"""The bytes of files: found and allowed, ranges, and responses."""
