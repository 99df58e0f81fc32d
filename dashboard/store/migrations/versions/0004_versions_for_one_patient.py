"""threshold versions that were made for one session's patient"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("threshold_version", sa.Column("session_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("threshold_version", "session_id")
