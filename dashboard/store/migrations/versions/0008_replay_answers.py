"""what the watch answers to a replay command"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("replay_command", sa.Column("answer", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("replay_command", "answer")
