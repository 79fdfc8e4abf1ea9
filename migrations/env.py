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


def _include_name(name, kind, _parents):
    # SQLite's search index is a virtual table with tables of its own, made by a migration and by no model
    return not (kind == "table" and (name or "").startswith("search_words"))


def _include_object(thing, _name, kind, _is_reflected, _other):
    # an index of words is PostgreSQL's; Alembic does not ask the model for which database an index is
    is_sqlite = context.get_context().dialect.name == "sqlite"
    return not (is_sqlite and kind == "index" and thing.dialect_options["postgresql"]["using"] == "gin")


def _migrate() -> None:
    engine = make_engine(context.config.get_main_option("sqlalchemy.url"))
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=_render_item,
            include_name=_include_name,
            include_object=_include_object,
            render_as_batch=engine.dialect.name == "sqlite",
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


_migrate()
