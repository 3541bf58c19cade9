"""How things come in: sources, formats, derived assets, and the pipeline that joins them."""
