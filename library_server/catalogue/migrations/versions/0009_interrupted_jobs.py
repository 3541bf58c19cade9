"""jobs that a restart of their machine cut"""

import sqlalchemy as sa
from alembic import op


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('jobs', sa.Column('interruptions', sa.Integer(), server_default='0', nullable=False))
    op.add_column('jobs', sa.Column('boot', sa.String(36), nullable=True))


def downgrade() -> None:
    op.drop_column('jobs', 'boot')
    op.drop_column('jobs', 'interruptions')
