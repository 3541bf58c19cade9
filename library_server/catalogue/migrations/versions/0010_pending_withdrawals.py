"""withdrawals that wait for the index"""

import sqlalchemy as sa
from alembic import op


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('outbox', sa.Column('withdrawn', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index('ix_outbox_withdrawn', 'outbox', ['record_id'], sqlite_where=sa.text('withdrawn = 1'),
                    postgresql_where=sa.text('withdrawn'))


def downgrade() -> None:
    op.drop_index('ix_outbox_withdrawn', table_name='outbox')
    op.drop_column('outbox', 'withdrawn')
