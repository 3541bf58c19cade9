"""The text of HLS playlists (RFC 8216); what a media playlist lists is made by `hls`."""

from __future__ import annotations

from library_server.catalogue.dto import RecordView
from library_server.delivery.video.variants import sound_tracks, variants


def render_master(record: RecordView) -> str:
    """The master playlist (4.3.4): the source or the best rung first, the others, further sounds, subtitles."""
    subtitles = record.assets_of("subtitle")
    tracks = sound_tracks(record)
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{4 if tracks or subtitles else 3}"]
    for at, (sound, track) in enumerate(tracks):
        name = _quoted(track.title or track.language)
        address = f',URI="{sound.name}/index.m3u8"' if sound else ""
        lines.append(f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="{name}",LANGUAGE="{track.language}",'
                     f"DEFAULT={'NO' if at else 'YES'},AUTOSELECT=YES{address}")  # fmt: skip
    for at, asset in enumerate(subtitles):
        lines.append(f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="words",NAME="{_quoted(asset.label)}",'
                     f'LANGUAGE="{asset.language or "zh"}",DEFAULT={"NO" if at else "YES"},AUTOSELECT=YES,'
                     f'URI="subtitles-{asset.id}/index.m3u8"')  # fmt: skip
    groups = (',AUDIO="sound"' if tracks else "") + (',SUBTITLES="words"' if subtitles else "")
    for stream in variants(record):
        size = f",RESOLUTION={stream.width}x{stream.height}" if stream.width else ""
        codecs = "" if stream.has_video else ',CODECS="mp4a.40.2"'
        lines += [f"#EXT-X-STREAM-INF:BANDWIDTH={stream.bits}{size}{codecs}{groups}", f"{stream.name}/index.m3u8"]
    return "\n".join(lines) + "\n"


def render_subtitle(address: str, duration_ms: int | None) -> str:
    """The playlist of one subtitle: the whole of it is one segment, as long as the record."""
    seconds = max(1, -(-(duration_ms or 1000) // 1000))
    lines = ["#EXTM3U", "#EXT-X-VERSION:4", f"#EXT-X-TARGETDURATION:{seconds}", "#EXT-X-PLAYLIST-TYPE:VOD",
             f"#EXTINF:{seconds},", address, "#EXT-X-ENDLIST"]  # fmt: skip
    return "\n".join(lines) + "\n"


def with_start(playlist: str) -> str:
    """A playlist that grows, played from its beginning (4.3.5.2): players begin at its end otherwise."""
    return playlist.replace("#EXTM3U\n", "#EXTM3U\n#EXT-X-START:TIME-OFFSET=0,PRECISE=YES\n", 1)


def _quoted(text: str) -> str:
    return text.replace('"', "'")
