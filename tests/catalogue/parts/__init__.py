"""Tests of `library_server.catalogue.parts`."""
