"""What plays of a record: the source where it plays as it is, the rungs of its ladder, its sound, further sound tracks.

The levelled sound of the ladder goes into the remuxed source too, so that it is equally loud on every rung.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from library_server.catalogue.details import AudioTrack, Media
from library_server.catalogue.dto import AssetView, RecordView

RUNG = re.compile(r"(\d{2,4})p\Z")
SOUND = "audio"
_BITS_OVERHEAD = 1.1
_OPENED_BY_BROWSERS = frozenset({"video/mp4", "audio/mp4", "audio/mpeg", "audio/aac"})


@dataclass(frozen=True)
class Variant:
    """One stream: `asset` has its pictures (or its sound), `sound` a levelled sound to put in their place.

    `bits` a second, `width` and `height` in pixels or 0, `track` the number of the sound track.
    """

    name: str
    asset: AssetView
    sound: AssetView | None
    bits: int
    width: int = 0
    height: int = 0
    track: int = 0

    @property
    def has_video(self) -> bool:
        """Whether there are pictures in it."""
        return self.width > 0 or not self.asset.media_type.startswith("audio/")

    @property
    def folder(self) -> str:
        """A name in the cache that changes with the bytes."""
        mark = f"-{self.sound.sha256[:16]}" if self.sound else ""
        return f"{self.asset.sha256}{mark}{f'-{self.track}' if self.track else ''}"


def list_variants(record: RecordView) -> list[Variant]:
    """Return all variants, the best first; empty where nothing plays yet."""
    media = record.details.media
    seconds = max((record.duration_ms or 1000) / 1000, 1)
    renditions = record.assets_of("rendition")
    sound = next((rendition for rendition in renditions if rendition.label == SOUND), None)
    pictures = bool(media.video)
    listed = []
    if record.original is not None and not record.original.librarians_only and record.details.plays:
        size = (media.width, media.height) if pictures else (0, 0)
        listed.append(_make_variant("source", record.original, sound if pictures else None, seconds, size))
    rungs = sorted(
        (rendition for rendition in renditions if rendition.media_type == "video/mp4"), key=_get_height, reverse=True
    )
    listed += [_make_variant(rung.label, rung, None, seconds, _scale_size(media, _get_height(rung))) for rung in rungs]
    if sound is not None and bool(listed) == pictures:
        listed.append(_make_variant(SOUND, sound, None, seconds, (0, 0)))
    return listed


def sound_tracks(record: RecordView) -> list[tuple[Variant | None, AudioTrack]]:
    """Sound tracks in several languages, the first one without a variant: it is in every variant already."""
    tracks = record.details.media.tracks
    sound = next((asset for asset in record.assets_of("rendition") if asset.label == SOUND), None)
    if sound is None or len(tracks) < 2:
        return []
    seconds = max((record.duration_ms or 1000) / 1000, 1)
    further = [(_make_sound_track(sound, number, seconds), track) for number, track in enumerate(tracks[1:], 1)]
    return [(None, tracks[0]), *further]


def find_variant(record: RecordView, name: str) -> Variant | None:
    """One variant or sound track by its name in the address."""
    tracks = [track for track, _ in sound_tracks(record) if track is not None]
    return next((item for item in (*list_variants(record), *tracks) if item.name == name), None)


def playing_asset(record: RecordView) -> AssetView | None:
    """Return the one file that plays without HLS: the original where it plays as it is, else the best rung up to 720
    lines.

    A browser opens few containers; an original in another one plays only until there are rungs.
    """
    listed = list_variants(record)
    if not listed:
        return None
    fitting = [item for item in listed if item.asset.media_type in _OPENED_BY_BROWSERS]
    small = [item for item in fitting if item.name == "source" or item.height <= 720 or not item.width]
    return (small or fitting or listed)[0].asset


def _make_variant(
    name: str, asset: AssetView, sound: AssetView | None, seconds: float, size: tuple[int, int]
) -> Variant:
    bits = max(int(asset.size * 8 / seconds * _BITS_OVERHEAD), 64_000)
    return Variant(name, asset, sound, bits, *size)


def _make_sound_track(sound: AssetView, at: int, seconds: float) -> Variant:
    return Variant(f"track-{at}", sound, None, max(int(sound.size * 8 / seconds), 64_000), track=at)


def _get_height(asset: AssetView) -> int:
    match = RUNG.match(asset.label)
    return int(match[1]) if match else 0


def _scale_size(media: Media, short: int) -> tuple[int, int]:
    if not media.width or not media.height or not short:
        return 0, 0
    scale = min(1.0, short / min(media.width, media.height))
    return round(media.width * scale / 2) * 2, round(media.height * scale / 2) * 2
