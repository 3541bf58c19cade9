"""built-in collections that a story made as ordinary ones"""

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

BUILT_IN = (('stories', '天元故事', 1), ('people', '天元人物', 2), ('photos', '天元照片', 3))


def upgrade() -> None:
    collections = sa.table('collections', *(sa.column(name) for name in ('slug', 'title', 'position')),
                           sa.column('impression', sa.Boolean()))
    for slug, title, position in BUILT_IN:
        ordinary = (collections.c.slug == slug, collections.c.impression.is_(False))
        op.execute(sa.update(collections).where(*ordinary).values(title=title, position=position, impression=True))


def downgrade() -> None:
    pass
