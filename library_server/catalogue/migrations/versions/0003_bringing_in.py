"""bringing in"""

import sqlalchemy as sa
from alembic import op


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('revisions',
    sa.Column('number', number, autoincrement=True, nullable=False),
    sa.Column('record_id', sa.String(length=32), nullable=False),
    sa.Column('batch_id', sa.String(length=32), nullable=True),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('action', sa.String(length=16), nullable=False),
    sa.Column('changes', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['record_id'], ['records.id'], name=op.f('fk_revisions_record_id_records'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_revisions_batch_id_batches')),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_revisions'))
    )
    op.create_index('ix_revisions_record', 'revisions', ['record_id'])
    op.create_index('ix_revisions_batch', 'revisions', ['batch_id'])
    op.create_table('likenesses',
    sa.Column('first_id', sa.String(length=32), nullable=False),
    sa.Column('second_id', sa.String(length=32), nullable=False),
    sa.Column('reason', sa.String(length=16), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('noted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['first_id'], ['records.id'], name=op.f('fk_likenesses_first_id_records'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['second_id'], ['records.id'], name=op.f('fk_likenesses_second_id_records'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('first_id', 'second_id', name=op.f('pk_likenesses'))
    )
    op.create_index('ix_likenesses_second', 'likenesses', ['second_id'])
    op.create_index('ix_likenesses_state', 'likenesses', ['state'])
    op.create_table('merges',
    sa.Column('number', number, autoincrement=True, nullable=False),
    sa.Column('kept_id', sa.String(length=32), nullable=False),
    sa.Column('gone_id', sa.String(length=32), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('moved', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['kept_id'], ['records.id'], name=op.f('fk_merges_kept_id_records'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['gone_id'], ['records.id'], name=op.f('fk_merges_gone_id_records'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_merges'))
    )
    op.create_index('ix_merges_gone', 'merges', ['gone_id'])
    op.create_index('ix_merges_kept', 'merges', ['kept_id'])
    op.create_table('source_records',
    sa.Column('record_id', sa.String(length=32), nullable=False),
    sa.Column('format', sa.String(length=16), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['record_id'], ['records.id'], name=op.f('fk_source_records_record_id_records'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('record_id', name=op.f('pk_source_records'))
    )
    # added column by column: SQLite would otherwise write whole tables anew
    op.add_column('records', sa.Column('match_key', sa.String(length=32), nullable=True))
    op.add_column('records', sa.Column('photo_hash', sa.BigInteger(), nullable=True))
    op.create_index('ix_records_match_key', 'records', ['match_key'])
    op.add_column('assets', sa.Column('superseded', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('assets', sa.Column('machine_made', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('batches', sa.Column('actor', sa.Text(), server_default='', nullable=False))
    op.add_column('entries', sa.Column('problems', sa.JSON(), nullable=True))
    op.add_column('entries', sa.Column('given', sa.JSON(), nullable=True))
    op.create_index('ix_entries_fingerprint', 'entries', ['fingerprint'])
    op.add_column('jobs', sa.Column('amount', sa.Double(), server_default='0', nullable=False))
    op.add_column('jobs', sa.Column('spent', sa.Double(), nullable=True))


def downgrade() -> None:
    op.drop_column('jobs', 'spent')
    op.drop_column('jobs', 'amount')
    op.drop_index('ix_entries_fingerprint', 'entries')
    op.drop_column('entries', 'given')
    op.drop_column('entries', 'problems')
    op.drop_column('batches', 'actor')
    op.drop_column('assets', 'machine_made')
    op.drop_column('assets', 'superseded')
    op.drop_index('ix_records_match_key', 'records')
    op.drop_column('records', 'photo_hash')
    op.drop_column('records', 'match_key')
    op.drop_table('source_records')
    op.drop_table('merges')
    op.drop_table('likenesses')
    op.drop_table('revisions')
