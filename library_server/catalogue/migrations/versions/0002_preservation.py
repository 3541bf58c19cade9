"""preservation"""

import sqlalchemy as sa
from alembic import op


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('preservation_runs',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('agent', sa.Text(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('pass_began', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('whole', sa.Boolean(), nullable=False),
    sa.Column('checked', sa.Integer(), nullable=False),
    sa.Column('bytes', sa.BigInteger(), nullable=False),
    sa.Column('unnamed', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_preservation_runs'))
    )
    op.create_table('preservation_events',
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=True),
    sa.Column('asset_id', sa.String(length=32), nullable=False),
    sa.Column('type', sa.String(length=32), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('outcome', sa.String(length=8), nullable=False),
    sa.Column('detail', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['run_id'], ['preservation_runs.id'], name=op.f('fk_preservation_events_run_id_preservation_runs')),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_preservation_events'))
    )
    op.create_table('usage_figures',
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('figures', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('taken_at', name=op.f('pk_usage_figures'))
    )
    with op.batch_alter_table('preservation_events', schema=None) as batch_op:
        batch_op.create_index('ix_preservation_events_asset', ['asset_id'], unique=False)

    with op.batch_alter_table('assets', schema=None) as batch_op:
        batch_op.add_column(sa.Column('checked_at', sa.DateTime(timezone=True), server_default=sa.text("'1970-01-01 00:00:00'"), nullable=False))
        batch_op.add_column(sa.Column('condition', sa.String(length=16), server_default='sound', nullable=False))
        batch_op.add_column(sa.Column('used_at', sa.DateTime(timezone=True), nullable=True))
    # what is stored was hashed when it was stored
    op.execute('UPDATE assets SET checked_at = created_at')
    with op.batch_alter_table('assets', schema=None) as batch_op:
        batch_op.create_index('ix_assets_role_checked', ['role', 'checked_at', 'id'], unique=False)
        batch_op.create_index('ix_assets_unsound', ['condition'], unique=False, sqlite_where=sa.text("condition <> 'sound'"), postgresql_where=sa.text("condition <> 'sound'"))



def downgrade() -> None:
    with op.batch_alter_table('assets', schema=None) as batch_op:
        batch_op.drop_index('ix_assets_unsound', sqlite_where=sa.text("condition <> 'sound'"), postgresql_where=sa.text("condition <> 'sound'"))
        batch_op.drop_index('ix_assets_role_checked')
        batch_op.drop_column('used_at')
        batch_op.drop_column('condition')
        batch_op.drop_column('checked_at')

    with op.batch_alter_table('preservation_events', schema=None) as batch_op:
        batch_op.drop_index('ix_preservation_events_asset')

    op.drop_table('usage_figures')
    op.drop_table('preservation_events')
    op.drop_table('preservation_runs')
