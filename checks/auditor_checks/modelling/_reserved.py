"""The words that MySQL and MariaDB have reserved: as names they need quotation marks."""

from __future__ import annotations

MYSQL = frozenset(
    (
        "accessible add all alter analyze and as asc asensitive before between bigint binary blob both by call "
        "cascade case change char character check collate column condition constraint continue convert create cross "
        "cube cume_dist current_date current_time current_timestamp current_user cursor database databases day_hour "
        "day_microsecond day_minute day_second dec decimal declare default delayed delete dense_rank desc describe "
        "deterministic distinct distinctrow div double drop dual each else elseif empty enclosed escaped except "
        "exists exit explain external false fetch first_value float float4 float8 for force foreign from fulltext "
        "function generated get grant group grouping groups having high_priority hour_microsecond hour_minute "
        "hour_second if ignore in index infile inner inout insensitive insert int int1 int2 int3 int4 int8 integer "
        "intersect interval into io_after_gtids io_before_gtids is iterate join json_table key keys kill lag "
        "last_value lateral lead leading leave left library like limit linear lines load localtime localtimestamp "
        "lock long longblob longtext loop low_priority match maxvalue mediumblob mediumint mediumtext middleint "
        "minute_microsecond minute_second mod modifies natural not no_write_to_binlog nth_value ntile null numeric "
        "of on optimize optimizer_costs option optionally or order out outer outfile over partition percent_rank "
        "precision primary procedure purge qualify range rank read reads read_write real recursive references "
        "regexp release rename repeat replace require resignal restrict return revoke right rlike row rows "
        "row_number schema schemas second_microsecond select sensitive separator set show signal smallint spatial "
        "specific sql sqlexception sqlstate sqlwarning sql_big_result sql_calc_found_rows sql_small_result ssl "
        "starting stored straight_join system table tablesample terminated then tinyblob tinyint tinytext to "
        "trailing trigger true undo union unique unlock unsigned update usage use using utc_date utc_time "
        "utc_timestamp values varbinary varchar varcharacter varying virtual when where while window with write xor "
        "year_month zerofill"
    ).split()
)
"""Reserved on MySQL 9.7 (information_schema.KEYWORDS); a few, such as "qualify", only since 8.4 or later."""

MARIADB = frozenset(
    (
        "accessible add all alter analyze and as asc asensitive before between bigint binary blob both by call "
        "cascade case change char character check collate column condition constraint continue convert create cross "
        "current_date current_role current_time current_timestamp current_user cursor databases day_hour "
        "day_microsecond day_minute day_second dec decimal declare default delayed delete delete_domain_id desc "
        "describe deterministic distinct distinctrow div do_domain_ids double drop dual each else elseif enclosed "
        "escaped except exists exit explain false fetch float float4 float8 for force foreign from fulltext grant "
        "group having high_priority hour_microsecond hour_minute hour_second if ignore ignore_domain_ids in index "
        "infile inner inout insensitive insert int int1 int2 int3 int4 int8 integer intersect interval into is "
        "iterate join key keys kill leading leave left like limit linear lines load localtime localtimestamp lock "
        "long longblob longtext loop low_priority master_demote_to_replica master_demote_to_slave "
        "master_ssl_verify_server_cert match maxvalue mediumblob mediumint mediumtext middleint minute_microsecond "
        "minute_second mod modifies natural no_write_to_binlog not null numeric offset on optimize optionally or "
        "order out outer outfile over page_checksum parse_vcol_expr partition portion precision primary procedure "
        "purge range read read_write reads real recursive ref_system_id references regexp release rename repeat "
        "replace require resignal restrict return returning revoke right rlike row_number rows schemas "
        "second_microsecond select sensitive separator set show signal smallint spatial specific sql sql_big_result "
        "sql_calc_found_rows sql_small_result sqlexception sqlstate sqlwarning ssl starting stats_auto_recalc "
        "stats_persistent stats_sample_pages straight_join table terminated then tinyblob tinyint tinytext to "
        "trailing trigger true undo union unique unlock unsigned update usage use using utc_date utc_time "
        "utc_timestamp values varbinary varchar varcharacter varying when where while with write xor year_month "
        "zerofill"
    ).split()
)
"""What MariaDB 10.11 refuses as the name of a column without quotation marks, of all words that it or MySQL lists."""

SILENT = frozenset(
    (
        "current_date current_role current_time current_timestamp current_user localtime localtimestamp utc_date "
        "utc_time utc_timestamp"
    ).split()
)
"""Words that mean a value of their own: without quotes they return it, without an error."""
