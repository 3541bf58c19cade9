"""one unfinished job of a task for a record"""

import sqlalchemy as sa
from alembic import op


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    jobs = sa.table('jobs', *(sa.column(name) for name in ('id', 'task', 'record_id', 'state')))
    unfinished = jobs.c.state.in_(('queued', 'running'))
    earliest = sa.select(sa.func.min(jobs.c.id)).where(unfinished, jobs.c.record_id.is_not(None)).group_by(
        jobs.c.task, jobs.c.record_id)
    op.execute(sa.delete(jobs).where(unfinished, jobs.c.record_id.is_not(None), jobs.c.id.not_in(earliest)))
    where = sa.text("state IN ('queued', 'running')")
    op.create_index('ux_jobs_unfinished', 'jobs', ['task', 'record_id'], unique=True, sqlite_where=where,
                    postgresql_where=where)


def downgrade() -> None:
    op.drop_index('ux_jobs_unfinished', table_name='jobs')
