"""a switch for the raw capture of each bed"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bed", sa.Column("capture", sa.SmallInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("bed", "capture")
