"""Conventions of names, each read by itself; `filenames` puts them together."""
