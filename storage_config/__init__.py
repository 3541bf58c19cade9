"""Where bytes live: stores, their layout, their capacity. Knows no catalogue and no web."""
