"""Packs (ZIP, RAR, 7z, TAR) are folders: unpacked into scratch, and walked as if what is in them lay there.

`names` are the paths of their members, `unpack_worker` writes them in a child process, `unpacking` asks for that.
"""
