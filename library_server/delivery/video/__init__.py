"""Video: HLS playlists, remuxing and its cache."""
