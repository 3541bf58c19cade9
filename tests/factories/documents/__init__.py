"""Documents with pages."""
