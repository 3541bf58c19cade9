"""Whether a video that follows or lies in a picture tells where it was taken.

Apple and Google write ISO 6709 (`©xyz`, `com.apple.quicktime.location.ISO6709`), 3GPP `loci` (TS 26.244, 8.10); GoPro
and Google keep tracks of positions (`gpmd`, `camm`), Apple timed metadata (`mebx`). A compressed header (`cmov`) cannot
be read, so it counts as one.
"""

from __future__ import annotations

from ingest_tools.formats.photos.location_metadata.edits import PictureBytes

_SIGNS = (b"\xa9xyz", b"ISO6709", b"loci", b"gpmd", b"camm", b"mebx", b"cmov", b"GPS")


def holds_video_location(picture: PictureBytes, start: int, stop: int) -> bool:
    """Return whether a range holds a video, by its first box, and a sign of a location."""
    if picture.find(b"ftyp", start, stop) < 0 and picture.find(b"moov", start, stop) < 0:
        return False
    return any(picture.find(sign, start, stop) >= 0 for sign in _SIGNS)
