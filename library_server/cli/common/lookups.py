"""What a command was told to work on, or the sentence that there is no such thing."""

from __future__ import annotations

import click
from sqlalchemy.orm import Session

from library_server.catalogue.batches import repository
from library_server.catalogue.batches.repository import BatchView
from library_server.cli.common.language import gettext as _


def existing_batch(session: Session, batch_id: str) -> BatchView:
    """A batch by its id. Raises `click.ClickException` where there is none."""
    batch = repository.batch(session, batch_id)
    if batch is None:
        raise click.ClickException(_("没有这个批次：%(batch)s", batch=batch_id))
    return batch
