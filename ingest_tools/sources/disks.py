"""Which disk a file is on, so that another disk at the same place is not taken for it."""

from __future__ import annotations

from pathlib import Path

_BY_UUID = Path("/dev/disk/by-uuid")  # links that udev makes, a name for each file system


def disk_of(path: Path) -> str:
    """Return the UUID of the file system that a file is on, else the number of its folder; empty where that is gone.

    Numbers of folders are not used where there is a UUID: FAT gives new ones whenever a disk is put in.
    """
    try:
        folder = path.parent.stat()
    except OSError:
        return ""
    return _find_uuid(folder.st_dev) or str(folder.st_ino)


def _find_uuid(device: int) -> str:
    """Return the UUID of a device; looked up each time, since another disk may get its number."""
    try:
        links = list(_BY_UUID.iterdir())
    except OSError:
        return ""
    return next((link.name for link in links if _is_device(link, device)), "")


def _is_device(link: Path, device: int) -> bool:
    try:
        return link.stat().st_rdev == device
    except OSError:  # pulled out since it was listed
        return False
