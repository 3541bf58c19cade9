"""Finding the records that a file or a row already has."""
