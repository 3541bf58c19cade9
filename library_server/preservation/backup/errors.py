"""Why a backup or a restoration was refused, each with a stable code."""

from __future__ import annotations

from storage_config.messages import CodedError


class BackupError(CodedError):
    """A backup that cannot be made, or that cannot be restored here."""

    code = "backup_failed"


class BackupDamaged(BackupError):
    """A file of a backup is gone, shorter, or has other bytes than were written."""

    code = "backup_damaged"


class BackupStopped(BackupError):
    """The command was asked to stop; nothing of this backup is kept."""

    code = "backup_stopped"
