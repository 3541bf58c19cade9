"""The text of HLS playlists (RFC 8216); what a media playlist lists is made by `hls`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask_babel import force_locale

from library_server.catalogue.dto import AssetView, RecordView
from library_server.delivery.video.variants import list_variants, sound_tracks
from library_server.web.subtitle_names import is_forced, subtitle_name


def render_master(record: RecordView) -> str:
    """Return the master playlist (4.3.4): the source or the best rung first, the others, further sounds, subtitles."""
    subtitles = record.assets_of("subtitle")
    tracks = sound_tracks(record)
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{4 if tracks or subtitles else 3}"]
    for at, (sound, track) in enumerate(tracks):
        name = _quote(track.title or track.language)
        address = f',URI="{sound.name}/index.m3u8"' if sound else ""
        lines.append(f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="{name}",LANGUAGE="{track.language}",'
                     f"DEFAULT={'NO' if at else 'YES'},AUTOSELECT=YES{address}")  # fmt: skip
    lines += _subtitle_lines(subtitles)
    groups = (',AUDIO="sound"' if tracks else "") + (',SUBTITLES="words"' if subtitles else "")
    for stream in list_variants(record):
        size = f",RESOLUTION={stream.width}x{stream.height}" if stream.width else ""
        codecs = "" if stream.has_video else ',CODECS="mp4a.40.2"'
        lines += [f"#EXT-X-STREAM-INF:BANDWIDTH={stream.bits}{size}{codecs}{groups}", f"{stream.name}/index.m3u8"]
    return "\n".join(lines) + "\n"


def _subtitle_lines(subtitles: Sequence[AssetView]) -> Iterator[str]:
    """Yield the subtitles in a master playlist; the first that is of all that is said is shown without being asked
    for.
    """
    default = next((asset for asset in subtitles if not is_forced(asset)), None)
    for asset in subtitles:
        with force_locale("zh"):  # caches keep one playlist for everybody
            name = _quote(subtitle_name(asset))
        forced = "FORCED=YES," if is_forced(asset) else ""
        yield (
            f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="words",NAME="{name}",LANGUAGE="{asset.language or "zh"}",'
            f"DEFAULT={'YES' if asset is default else 'NO'},AUTOSELECT=YES,{forced}"
            f'URI="subtitles-{asset.id}/index.m3u8"'
        )


def render_subtitle(address: str, duration_ms: int | None) -> str:
    """Return the playlist of one subtitle: the whole of it is one segment, as long as the record."""
    seconds = max(1, -(-(duration_ms or 1000) // 1000))
    lines = ["#EXTM3U", "#EXT-X-VERSION:4", f"#EXT-X-TARGETDURATION:{seconds}", "#EXT-X-PLAYLIST-TYPE:VOD",
             f"#EXTINF:{seconds},", address, "#EXT-X-ENDLIST"]  # fmt: skip
    return "\n".join(lines) + "\n"


def with_start(playlist: str) -> str:
    """Return a playlist that grows, played from its beginning (4.3.5.2): players begin at its end otherwise."""
    return playlist.replace("#EXTM3U\n", "#EXTM3U\n#EXT-X-START:TIME-OFFSET=0,PRECISE=YES\n", 1)


def _quote(text: str) -> str:
    return text.replace('"', "'")
