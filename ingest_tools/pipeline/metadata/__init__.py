"""What a record is told by its file, its row and the record it was, brought together."""
