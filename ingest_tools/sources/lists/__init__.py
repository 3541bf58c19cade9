"""Lists of librarians: spreadsheets and CSV files, row by row."""
