"""The suffixes of picture files and their media types: one list for all that goes by the name of a file."""

from __future__ import annotations

_SUFFIXES = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png", ".apng"),
    "image/webp": (".webp",),
    "image/gif": (".gif",),
    "image/tiff": (".tif", ".tiff"),
    "image/heic": (".heic", ".heics"),
    "image/heif": (".heif", ".heifs", ".hif"),
    "image/avif": (".avif", ".avifs"),
    "image/bmp": (".bmp",),
    "image/vnd.adobe.photoshop": (".psd",),
    "image/x-tga": (".tga", ".icb", ".vda", ".vst"),
    "image/x-pcx": (".pcx",),
    "image/jp2": (".jp2", ".jpf", ".jpx", ".j2k"),
}
PICTURES = {suffix: media_type for media_type, suffixes in _SUFFIXES.items() for suffix in suffixes}
XMP_SUFFIX, TAKEOUT_SUFFIX = ".xmp", ".json"
"""Of what programs keep about a photo next to it."""
