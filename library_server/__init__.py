"""What the library is: catalogue, search, delivery and its faces."""

__version__ = "0.1.0"
