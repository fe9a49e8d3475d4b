"""Tables in which migration tools keep books: their form is the tool's decision, not the owner's of the schema."""

from __future__ import annotations

from auditor.model.catalog import Table

_TOOLS = {  # table: (tool, columns that its table has)
    "alembic_version": ("Alembic", {"version_num"}),
    "django_migrations": ("Django", {"app", "name", "applied"}),
    "flyway_schema_history": ("Flyway", {"installed_rank", "checksum"}),
    "schema_version": ("Flyway", {"installed_rank", "checksum"}),
    "databasechangelog": ("Liquibase", {"orderexecuted", "md5sum"}),
    "_prisma_migrations": ("Prisma", {"migration_name", "checksum"}),
    "migrations": ("TypeORM or Laravel", set()),
    "__efmigrationshistory": ("Entity Framework", {"migrationid"}),
    "ar_internal_metadata": ("Rails", {"key", "value"}),
    "schema_migrations": ("Rails, golang-migrate or dbmate", {"version"}),
    "knex_migrations": ("Knex", {"migration_time"}),
    "sequelizemeta": ("Sequelize", {"name"}),
    "goose_db_version": ("goose", {"version_id"}),
    "__diesel_schema_migrations": ("Diesel", {"version"}),
    "phinxlog": ("Phinx", {"version"}),
    "pgmigrations": ("node-pg-migrate", {"run_on"}),
    "__drizzle_migrations": ("Drizzle", {"hash"}),
    "mikro_orm_migrations": ("MikroORM", {"executed_at"}),
}


def tool_of(table: Table) -> str | None:
    """The migration tool whose table this is, by its name and columns."""
    known = _TOOLS.get(table.name.lower())
    if known is None:
        return None
    columns = {column.name.lower().replace("_", "") for column in table.columns}
    return known[0] if {name.replace("_", "") for name in known[1]} <= columns else None
