"""What librarians get back: an empty list to fill in, a batch with what was refused, the catalogue in any form."""
