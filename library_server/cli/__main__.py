"""`python -m library_server.cli` is `tianyuan`."""

from library_server.cli import main

main()
