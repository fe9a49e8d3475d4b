"""PostgreSQL in the words of models: the class of each type, and how exclusions are written.

Classes are those of SQLAlchemy's and Django's documentation of their PostgreSQL backends, and of Django's inspectdb; a
type without a field of Django's that means the same is left to the model's own declaration.
"""

from __future__ import annotations

from auditor.exporting.orm.engine import ColumnClass, Exclusion, Orm
from auditor_connectors.postgresql.exporting.making import made
from auditor_connectors.postgresql.recipes.type_classes import TypeName

_DECIMAL = ColumnClass(
    python="decimal.Decimal", sqlalchemy="sa.Numeric()", reads="decimal.Decimal", django="models.DecimalField"
)
_TEXT = ColumnClass(python="str", sqlalchemy="sa.Text()", reads="str", django="models.TextField")
_DOUBLE = ColumnClass(python="float", sqlalchemy="sa.Double()", reads="float", django="models.FloatField")
_STAMP = ColumnClass(
    python="datetime.datetime", sqlalchemy="sa.DateTime()", parses="datetime.datetime.fromisoformat",
    django="models.DateTimeField",
)  # fmt: skip


def _integer(sqlalchemy: str, django: str, key: str) -> ColumnClass:
    return ColumnClass(
        python="int",
        sqlalchemy=f"sa.{sqlalchemy}()",
        reads="int",
        django=f"models.{django}",
        django_key=f"models.{key}",
    )


_CLASSES = {
    "smallint": _integer("SmallInteger", "SmallIntegerField", "SmallAutoField"),
    "integer": _integer("Integer", "IntegerField", "AutoField"),
    "bigint": _integer("BigInteger", "BigIntegerField", "BigAutoField"),
    "numeric": _DECIMAL,
    "real": ColumnClass(python="float", sqlalchemy="sa.REAL()", reads="float"),
    "double precision": _DOUBLE,
    "boolean": ColumnClass(
        python="bool", sqlalchemy="sa.Boolean()", parses='{"true": True, "false": False}.get',
        django="models.BooleanField",
    ),
    "text": _TEXT,
    "character varying": ColumnClass(python="str", sqlalchemy="sa.String()", reads="str", django="models.CharField"),
    "character": ColumnClass(python="str", sqlalchemy="sa.CHAR()", reads="str"),
    "uuid": ColumnClass(
        python="uuid.UUID", sqlalchemy="sa.Uuid()", reads="lambda value: uuid.UUID(str(value))",
        django="models.UUIDField",
    ),
    "date": ColumnClass(
        python="datetime.date", sqlalchemy="sa.Date()", parses="datetime.date.fromisoformat", django="models.DateField"
    ),
    "time without time zone": ColumnClass(
        python="datetime.time", sqlalchemy="sa.Time()", parses="datetime.time.fromisoformat", django="models.TimeField"
    ),
    "timestamp without time zone": _STAMP,
    "timestamp with time zone": ColumnClass(
        python="datetime.datetime", sqlalchemy="sa.DateTime(timezone=True)", parses="datetime.datetime.fromisoformat",
        django="models.DateTimeField",
    ),
    "interval": ColumnClass(
        python="datetime.timedelta", sqlalchemy="sa.Interval()", django="models.DurationField"
    ),
    "json": ColumnClass(python="Any", sqlalchemy="postgresql.JSON()"),
    "jsonb": ColumnClass(python="Any", sqlalchemy="postgresql.JSONB()", django="models.JSONField"),
    "bytea": ColumnClass(python="bytes", sqlalchemy="sa.LargeBinary()", django="models.BinaryField"),
    "inet": ColumnClass(python="Any", sqlalchemy="postgresql.INET()"),
    "cidr": ColumnClass(python="Any", sqlalchemy="postgresql.CIDR()"),
    "int4range": ColumnClass(
        python="Any", sqlalchemy="postgresql.INT4RANGE()", django="postgres_fields.IntegerRangeField"
    ),
    "int8range": ColumnClass(
        python="Any", sqlalchemy="postgresql.INT8RANGE()", django="postgres_fields.BigIntegerRangeField"
    ),
    "numrange": ColumnClass(
        python="Any", sqlalchemy="postgresql.NUMRANGE()", django="postgres_fields.DecimalRangeField"
    ),
    "daterange": ColumnClass(
        python="Any", sqlalchemy="postgresql.DATERANGE()", django="postgres_fields.DateRangeField"
    ),
    "tsrange": ColumnClass(python="Any", sqlalchemy="postgresql.TSRANGE()"),
    "tstzrange": ColumnClass(
        python="Any", sqlalchemy="postgresql.TSTZRANGE()", django="postgres_fields.DateTimeRangeField"
    ),
}  # fmt: skip


def column_class(declared: str) -> ColumnClass | None:
    """Look up a type as ``format_type`` or a statement writes it."""
    found = TypeName.read(declared)
    known = _CLASSES.get(found.base)
    if known is None or not found.modifiers:
        return known
    numbers = ", ".join(map(str, found.modifiers))
    match found.base, found.modifiers:
        case "numeric", (precision, *scale):
            options = (("max_digits", str(precision)), ("decimal_places", str(scale[0] if scale else 0)))
            return _changed(known, f"sa.Numeric({numbers})", options)
        case "character varying", (length,):
            return _changed(known, f"sa.String({length})", (("max_length", str(length)),))
        case "character", (length,):
            return _changed(known, f"sa.CHAR({length})", ())
    return known


def _changed(known: ColumnClass, sqlalchemy: str, options: tuple[tuple[str, str], ...]) -> ColumnClass:
    return ColumnClass(
        python=known.python, sqlalchemy=sqlalchemy, reads=known.reads, django=known.django, django_options=options
    )


# --- exclusions ---------------------------------------------------------------------------------------------------

# Django has one field for both kinds of moments.
_RANGE_FIELDS = {
    "int4range": "IntegerRangeField", "int8range": "BigIntegerRangeField", "numrange": "DecimalRangeField",
    "daterange": "DateRangeField", "tsrange": "DateTimeRangeField", "tstzrange": "DateTimeRangeField",
}  # fmt: skip


def _sqlalchemy_exclusion(one: Exclusion) -> str:
    period = one.bounds[0]
    if one.function is not None:
        period = f"sa.func.{one.function}({', '.join(f'sa.column({bound})' for bound in one.bounds)})"
    pairs = [*(f"({column}, '=')" for column in one.equal), f"({period}, '&&')"]
    return f"postgresql.ExcludeConstraint({', '.join([*pairs, f'name={one.name}'])})"


def _django_exclusion(one: Exclusion) -> str:
    period = one.bounds[0]
    if one.function is not None:
        field = f"postgres_fields.{_RANGE_FIELDS[one.function]}()"
        period = f"models.Func({', '.join(one.bounds)}, function={one.function!r}, output_field={field})"
    pairs = [*(f"({column}, '=')" for column in one.equal), f"({period}, '&&')"]
    return f"postgres_constraints.ExclusionConstraint(name={one.name}, expressions=[{', '.join(pairs)}])"


ORM = Orm(
    dialect="postgresql",
    default_schema="public",
    column_class=column_class,
    made=made,
    # https://www.psycopg.org/psycopg3/docs/advanced/prepare.html: None prepares nothing, whatever runs how often.
    unprepared='connect_args={"prepare_threshold": None}',
    sqlalchemy_exclusion=_sqlalchemy_exclusion,
    django_exclusion=_django_exclusion,
    django_imports={
        "postgres_constraints.": "from django.contrib.postgres import constraints as postgres_constraints",
        "postgres_fields.": "from django.contrib.postgres import fields as postgres_fields",
    },
)
