"""Faces for machines: REST, IPTV playlists, health."""
