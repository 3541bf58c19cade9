"""keys of titles and descriptions by the rule of today, for those that were written by an older one"""

from alembic import op

from library_server.catalogue.assets.title_keys import rewrite_match_keys, rewrite_title_keys


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    rewrite_title_keys(op.get_bind())
    rewrite_match_keys(op.get_bind())


def downgrade() -> None:
    pass
