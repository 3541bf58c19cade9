"""How many volumes a SeaweedFS has left, as its master tells it.

A bucket is a collection with volumes of its own. With `-volume.max=0` there are as many as the free room divided by the
volume size: a disk of 59 GB has one volume of 30 GB, and so room for one bucket.
Source: github.com/seaweedfs/seaweedfs/wiki/Optimization-for-Many-Small-Buckets.
"""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass

from storage_config.errors import StorageFull
from storage_config.s3.buckets import plan_buckets
from storage_config.settings import StorageSettings

MASTER_PORT = 9333
SECONDS = 2.0


@dataclass(frozen=True)
class VolumeSlots:
    """Volumes that can still be made, the most there can be, and the buckets that have one with room."""

    free: int
    most: int
    writable: frozenset[str]


def default_master(settings: StorageSettings) -> str:
    """Return where the master of a SeaweedFS listens that runs on the host of the S3 server: host:port."""
    host, _, port = (settings.s3_endpoint or "").rpartition(":")
    return f"{host or port}:{MASTER_PORT}"


def read_volume_slots(master: str) -> VolumeSlots | None:
    """Ask a master (host:port); None where none answers, as other S3 servers have none."""
    connection = http.client.HTTPConnection(master, timeout=SECONDS)
    try:
        connection.request("GET", "/dir/status")
        topology = json.loads(connection.getresponse().read())["Topology"]
        layouts = topology["Layouts"] or []
        writable = frozenset(str(layout["collection"]) for layout in layouts if layout["writables"])
        return VolumeSlots(int(topology["Free"]), int(topology["Max"]), writable)
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return None
    finally:
        connection.close()


def refuse_lack_of_volumes(settings: StorageSettings, slots: VolumeSlots) -> None:
    """Raise `StorageFull` where there are fewer volumes left than buckets that have none to write to."""
    lacking = [bucket.name for bucket in plan_buckets(settings) if bucket.name not in slots.writable]
    if slots.free < len(lacking):
        raise StorageFull("volumes_lacking", free=slots.free, most=slots.most, buckets=", ".join(lacking))
