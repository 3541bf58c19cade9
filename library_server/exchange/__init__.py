"""Exchange formats: MARC 21, CNMARC, Dublin Core, CSV, BibTeX and workbooks."""
