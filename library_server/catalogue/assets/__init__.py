"""Assets: the stored files of records, their versions, use and fixity."""
