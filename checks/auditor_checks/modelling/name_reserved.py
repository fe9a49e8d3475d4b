"""A name is a word that SQL has reserved.

## What
Tables and columns named by a word that the server reserves: PostgreSQL user, order, group, end; MySQL and MariaDB key,
order, rows, condition. One finding for each schema.

## Why it matters
Without quotation marks the statement is refused, or means something else. Tools that generate SQL by hand stumble over
it one after the other.

PostgreSQL: SELECT user FROM t returns the role that is logged in, without an error.

## When it is fine
Everything goes through an object-relational mapper that always quotes.

## How to fix it
Take another word for new objects; rename the old ones with a change that touches them anyway.

## Sources
PostgreSQL manual, appendix C, "SQL Key Words": those that are reserved; "System Information Functions": user.
MySQL manual, "Keywords and Reserved Words"; MariaDB documentation, "Reserved Words".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Schema
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.units import SCHEMAS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import counted, fitting

CHECK = Check(
    title="Names are words that SQL has reserved",
    passed="No name is a reserved word",
    pillar=Pillar.MODELLING,
    severity=Severity.INFO,
    unit=SCHEMAS,
    needs=("schemas", "tables", "columns"),
    engines=("postgresql", "mysql", "mariadb"),
)
SILENT = frozenset(
    "current_catalog current_date current_role current_time current_timestamp current_user localtime"
    " localtimestamp session_user user".split()
)
"""Words that mean a value of their own: as a column's name without quotes they return it, without an error."""
RESERVED = SILENT | frozenset(
    "all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create default"
    " deferrable desc distinct do else end except false fetch for foreign from grant group having in initially"
    " intersect into lateral leading limit not null offset on only or order placing primary references returning"
    " select some symmetric table then to trailing true union unique using variadic when where window with".split()
)
"""Reserved on every version from 14 to 18 (pg_get_keywords, category R)."""
_BOTH = frozenset(
    "accessible add all alter analyze and as asc asensitive before between bigint binary blob both by call"
    " cascade case change char character check collate column condition constraint continue convert create"
    " cross current_date current_time current_timestamp current_user cursor databases day_hour day_microsecond"
    " day_minute day_second dec decimal declare default delayed delete desc describe deterministic distinct"
    " distinctrow div double drop dual each else elseif enclosed escaped except exists exit explain false"
    " fetch float float4 float8 for force foreign from fulltext grant group having high_priority"
    " hour_microsecond hour_minute hour_second if ignore in index infile inner inout insensitive insert int"
    " int1 int2 int3 int4 int8 integer intersect interval into is iterate join key keys kill leading leave"
    " left like limit linear lines load localtime localtimestamp lock long longblob longtext loop low_priority"
    " match maxvalue mediumblob mediumint mediumtext middleint minute_microsecond minute_second mod modifies"
    " natural no_write_to_binlog not null numeric on optimize optionally or order out outer outfile over"
    " partition precision primary procedure purge range read read_write reads real recursive references regexp"
    " release rename repeat replace require resignal restrict return revoke right rlike row_number rows"
    " schemas second_microsecond select sensitive separator set show signal smallint spatial specific sql"
    " sql_big_result sql_calc_found_rows sql_small_result sqlexception sqlstate sqlwarning ssl starting"
    " straight_join table terminated then tinyblob tinyint tinytext to trailing trigger true undo union unique"
    " unlock unsigned update usage use using utc_date utc_time utc_timestamp values varbinary varchar"
    " varcharacter varying when where while with write xor year_month zerofill".split()
)
RESERVED_MYSQL = {
    "mysql": _BOTH
    | frozenset(
        "cube cume_dist database dense_rank empty external first_value function generated get grouping groups"
        " io_after_gtids io_before_gtids json_table lag last_value lateral lead library nth_value ntile of"
        " optimizer_costs option percent_rank qualify rank row schema stored system tablesample virtual window".split()
    ),
    "mariadb": _BOTH
    | frozenset(
        "current_role delete_domain_id do_domain_ids ignore_domain_ids master_demote_to_replica"
        " master_demote_to_slave master_ssl_verify_server_cert offset page_checksum parse_vcol_expr portion"
        " ref_system_id returning stats_auto_recalc stats_persistent stats_sample_pages".split()
    ),
}
"""Words that no column could be called without quotes, tried one by one on MySQL 9.7 and MariaDB 10.11."""
SILENT_MYSQL = frozenset(
    "current_date current_role current_time current_timestamp current_user false localtime localtimestamp true utc_date"
    " utc_time utc_timestamp".split()
)
SHOWN = 6


def judge(schema: Schema, facts: Facts) -> Iterator[Flaw]:
    """Gather the reserved names of the schema."""
    reserved = RESERVED_MYSQL.get(facts.target.engine, RESERVED)
    misleading = SILENT if reserved is RESERVED else SILENT_MYSQL
    tables = facts.tables_in(schema.name)
    columns = [(table.column_path(column.name), column.name) for table in tables for column in table.columns]
    fold = str if reserved is RESERVED else str.lower  # where quotes are not what tells upper from lower case
    found = [(table.path, table.name, False) for table in tables if fold(table.name) in reserved]
    found += [(path, name, fold(name) in misleading) for path, name in columns if fold(name) in reserved]
    if not found:
        return
    word = "database" if facts.capabilities.database_is_schema else "schema"
    silent = [path for path, _, misleads in found if misleads]
    shown = ", ".join(path for path, _, _ in found[:SHOWN]) + (" …" if len(found) > SHOWN else "")
    yield Flaw(
        title=fitting(f"{counted(len(found), 'reserved word')} among the names of {word} {schema.name}"),
        severity=Severity.LOW if silent else Severity.INFO,
        related=tuple(
            Subject(kind="table" if path.count(".") == 1 else "column", name=path) for path, _, _ in found[:SHOWN]
        ),
        evidence=(
            Evidence(name="reserved names", value=len(found), unit="names", probe="columns"),
            Evidence(name="such names", value=shown, probe="columns"),
            Evidence(name="columns that return something else", value=len(silent), unit="columns", probe="columns"),
        ),
        explanation=(
            f"{shown} need quotation marks."
            + (f" Without them, {silent[0]} returns what the server knows by that word." if silent else "")
        ),
        recommendation="Take other words for new objects, and rename these when a change touches them.",
    )
