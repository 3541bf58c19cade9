"""Archives of any kind (ZIP, RAR, 7z, TAR), read member by member in a child process: packs and comics."""
