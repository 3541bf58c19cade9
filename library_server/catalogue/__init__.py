"""Records, assets, holdings and collections: what is described, and every write and read of it."""
