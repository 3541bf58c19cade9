"""The queue of long work: what waits, what runs, how far it is."""
