"""pictures next to files that several records keep"""

import sqlalchemy as sa
from alembic import op


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def _unique(condition: str) -> None:
    op.drop_index('uq_assets_original_sha256', table_name='assets')
    op.create_index('uq_assets_original_sha256', 'assets', ['sha256'], unique=True, sqlite_where=sa.text(condition),
                    postgresql_where=sa.text(condition))


def upgrade() -> None:
    _unique("role = 'original' AND label <> 'cover'")
    kept = sa.text("role = 'original' AND label = 'cover'")
    op.create_index('ix_assets_kept_sha256', 'assets', ['sha256'], sqlite_where=kept, postgresql_where=kept)


def downgrade() -> None:
    assets = sa.table('assets', *(sa.column(name) for name in ('id', 'sha256', 'role', 'label')))
    originals = assets.alias()
    is_kept = sa.case((originals.c.label == 'cover', 1), else_=0)
    first = (sa.select(originals.c.id).where(originals.c.role == 'original', originals.c.sha256 == assets.c.sha256)
             .order_by(is_kept, originals.c.id).limit(1).scalar_subquery())
    op.execute(sa.delete(assets).where(assets.c.role == 'original', assets.c.label == 'cover', assets.c.id != first))
    op.drop_index('ix_assets_kept_sha256', table_name='assets')
    _unique("role = 'original'")
