"""Films, recordings, their subtitles and playlists."""
