"""finished sessions reduced to what the rules look at"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "packed_session",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_packed_session_session_id")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_packed_session")),
    )


def downgrade() -> None:
    op.drop_table("packed_session")
