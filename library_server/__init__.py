"""What the library is: catalogue, search, delivery and its faces."""
