"""Alembic's entry: runs on the connection that `migrate` hands over."""

from alembic import context

from library_server.catalogue import models
from library_server.database.engine import Base

assert models  # imported for its tables
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
