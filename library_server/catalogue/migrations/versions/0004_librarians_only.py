"""librarians only"""

import secrets
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

SOON, WHEN_IDLE = 10, -10


def upgrade() -> None:
    op.add_column('assets', sa.Column('librarians_only', sa.Boolean(), server_default=sa.false(), nullable=False))
    assets = sa.table('assets', sa.column('record_id'), sa.column('role'), sa.column('media_type'),
                      sa.column('librarians_only'))
    records = sa.table('records', sa.column('id'), sa.column('details', sa.JSON()))
    photos = sa.select(assets.c.record_id).distinct().where(
        assets.c.role == 'original', assets.c.media_type.like('image/%'))
    connection = op.get_bind()
    located = {row.id for row in connection.execute(sa.select(records.c.id, records.c.details).where(records.c.id.in_(photos)))
               if (row.details or {}).get('gps')}
    ids = sorted(connection.scalars(photos))
    for start in range(0, len(located), 500):
        some = sorted(located)[start:start + 500]
        connection.execute(sa.update(assets).where(assets.c.role == 'original', assets.c.record_id.in_(some))
                           .values(librarians_only=sa.true()))
    # copies of those that are known to tell a place are made first; the others may tell one in another way
    jobs = sa.table('jobs', *(sa.column(name) for name in (
        'id', 'task', 'record_id', 'state', 'priority', 'progress', 'attempts', 'amount')),
        sa.column('arguments', sa.JSON()), sa.column('created_at', sa.DateTime(timezone=True)),
        sa.column('updated_at', sa.DateTime(timezone=True)))
    now = datetime.now(UTC)
    rows = [{'id': secrets.token_hex(8), 'task': 'again', 'record_id': record_id, 'arguments': {'versions': True}, 'state': 'queued',
             'priority': SOON if record_id in located else WHEN_IDLE, 'progress': 0.0, 'attempts': 0, 'amount': 1.0,
             'created_at': now, 'updated_at': now} for record_id in ids]
    for start in range(0, len(rows), 500):
        connection.execute(sa.insert(jobs), rows[start:start + 500])


def downgrade() -> None:
    op.drop_column('assets', 'librarians_only')
