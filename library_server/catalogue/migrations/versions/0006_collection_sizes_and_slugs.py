"""collection sizes, and slugs that can stand in an address"""

import hashlib
import re
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

BROKEN = re.compile(r'[/\\?#%\x00-\x1f\x7f]|^\.{0,2}$')  # no link to such a collection has ever worked
NOT_IN_A_SEGMENT = re.compile(r"[^a-z0-9._~!$&'()*+,;=:@-]+")

collections = sa.table('collections', sa.column('id'), sa.column('slug'))
members = sa.table('collection_records', sa.column('collection_id'), sa.column('record_id'))
outbox = sa.table('outbox', sa.column('record_id'), sa.column('created_at', sa.DateTime(timezone=True)))


def upgrade() -> None:
    op.add_column('collections', sa.Column('size', sa.Integer(), server_default='0', nullable=False))
    op.execute("UPDATE collections SET size = (SELECT count(*) FROM collection_records"
               " JOIN records ON records.id = collection_records.record_id"
               " WHERE collection_records.collection_id = collections.id AND records.status = 'published')")
    connection = op.get_bind()
    slugs = {row.id: row.slug for row in connection.execute(sa.select(collections.c.id, collections.c.slug))}
    taken = set(slugs.values())
    for collection_id, slug in sorted(slugs.items()):
        if not BROKEN.search(slug):
            continue
        digest = hashlib.sha256(slug.encode()).hexdigest()[:12]
        new = NOT_IN_A_SEGMENT.sub('-', slug.lower()).strip('-.')[:51] or digest
        new = f'{new}-{digest}' if new in taken else new
        taken.add(new)
        connection.execute(sa.update(collections).where(collections.c.id == collection_id).values(slug=new))
        record_ids = sa.select(members.c.record_id, sa.literal(datetime.now(UTC), sa.DateTime(timezone=True))).where(
            members.c.collection_id == collection_id)
        connection.execute(sa.insert(outbox).from_select(['record_id', 'created_at'], record_ids))


def downgrade() -> None:
    op.drop_column('collections', 'size')
