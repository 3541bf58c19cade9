"""Comics: pages as pictures in an archive."""
