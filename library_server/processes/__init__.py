"""Child processes that read untrusted bytes: their limits, and the ffmpeg commands."""
