"""Alembic's entry: runs migrations on the database named by the settings it is given."""

from alembic import context

from portal.db import make_engine
from portal.models import Base
from portal.models.base import UtcDateTime


def _render_item(kind, item, _autogen_context):
    # a migration names SQL types only: it must run long after the model has changed its mind
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _migrate() -> None:
    engine = make_engine(context.config.get_main_option("sqlalchemy.url"))
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=_render_item,
            render_as_batch=engine.dialect.name == "sqlite",
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


_migrate()
