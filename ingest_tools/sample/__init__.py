"""The sample collection: a folder of real files of all kinds, made offline from texts written for this project."""

from ingest_tools.sample.builder import make_sample

__all__ = ["make_sample"]
