"""Forms of subtitles, and what the names of subtitles say."""
