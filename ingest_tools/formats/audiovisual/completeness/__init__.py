"""Whether films and recordings are there to their end."""
