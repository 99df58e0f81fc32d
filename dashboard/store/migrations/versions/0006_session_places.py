"""where a session is: it may move to another bed without losing itself"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "session_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("bed_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["bed_id"], ["bed.id"], name=op.f("fk_session_place_bed_id")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_session_place_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_place")),
    )
    op.create_index(op.f("ix_session_place_session_id"), "session_place", ["session_id"])
    op.create_index(op.f("ix_session_place_bed_id"), "session_place", ["bed_id"])
    op.execute(
        "INSERT INTO session_place (session_id, bed_id, since, until) SELECT id, bed_id, started, ended FROM session"
    )


def downgrade() -> None:
    op.drop_table("session_place")
