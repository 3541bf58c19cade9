"""Photos: what they say of themselves, and the copy that does not say where they were taken."""
