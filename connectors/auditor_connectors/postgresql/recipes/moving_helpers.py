"""What a move between two servers keeps in a schema of its own, on both: a ledger, and the routines that work on it.

What one server has to tell the other (sums, positions of sequences, that a moment has come) is written into tables that
are published along with the data. It arrives in the order of the commits, so that a mark on the other side proves that
all that was committed before the mark is there too.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor_connectors.postgresql.recipes.sql import dollar, ident

PUBLISHED = ("tables", "sequences", "positions", "marks", "sums")
"""The tables of the ledger that travel to the target."""

RETURNED = ("positions", "marks")
"""Those that travel back after the switch."""

SEQUENCE_GAP = 1000
"""How many numbers a sequence leaves out at the switch: more than sessions have drawn and not used, or lost."""

REFUSAL = "25006"
"""read_only_sql_transaction: what a standby answers to a write, so drivers that know fail-overs look for a server."""

# Canonical text: what a row's text looks like depends on these.
_CANONICAL = (
    "SET timezone = 'UTC' SET datestyle = 'ISO, YMD' SET intervalstyle = 'postgres' SET bytea_output = 'hex' "
    "SET extra_float_digits = 1"
)

_TABLES = (
    # relation: as it is written in statements; part: the expression that parts its rows, NULL for a partition, whose
    # rows are summed with the whole; recent: the condition on the rows that are compared while writes are stopped.
    "tables (relation text PRIMARY KEY, part text, recent text NOT NULL)",
    "sequences (sequence text PRIMARY KEY, relation text, feeds text)",
    "positions (direction text, sequence text, position bigint, PRIMARY KEY (direction, sequence))",
    "marks (mark text PRIMARY KEY, lsn pg_lsn NOT NULL, made_at timestamptz NOT NULL)",
    "sums (mark text, relation text, part bigint, rows bigint, hash numeric, PRIMARY KEY (mark, relation, part))",
    "found (mark text, relation text, part bigint, rows bigint, hash numeric, PRIMARY KEY (mark, relation, part))",
)

# hashtextextended: hash partitions rest on it, so that its results are the same in every version.
_ROUTINES = {
    "FUNCTION @.present_sums(lately boolean) RETURNS TABLE (relation text, part bigint, rows bigint, hash numeric) "
    f"LANGUAGE plpgsql STABLE {_CANONICAL}": """
DECLARE one record;
BEGIN
  FOR one IN SELECT * FROM @.tables t WHERE t.part IS NOT NULL ORDER BY t.relation LOOP
    RETURN QUERY EXECUTE format('SELECT %L::text, (%s)::bigint, count(*), sum(hashtextextended((auditor_row.*)::text, '
      '0)) FROM %s auditor_row WHERE %s GROUP BY 2', one.relation, one.part, one.relation,
      CASE WHEN lately THEN one.recent ELSE 'true' END);
  END LOOP;
END
""",
    "FUNCTION @.set_mark(word text) RETURNS void LANGUAGE sql": """
INSERT INTO @.marks VALUES (word, pg_current_wal_insert_lsn(), clock_timestamp())
ON CONFLICT (mark) DO UPDATE SET lsn = excluded.lsn, made_at = excluded.made_at
""",
    "FUNCTION @.take_sums(word text, lately boolean) RETURNS void LANGUAGE sql": """
DELETE FROM @.sums WHERE mark = word;
INSERT INTO @.sums SELECT word, * FROM @.present_sums(lately);
SELECT @.set_mark(word)
""",
    "FUNCTION @.find_sums(word text, lately boolean) RETURNS void LANGUAGE sql": """
DELETE FROM @.found WHERE mark = word;
INSERT INTO @.found SELECT word, * FROM @.present_sums(lately)
""",
    # Parts that differ, of those that had the same sum at the source before and after the target was asked.
    "FUNCTION @.differences(before text, after text) RETURNS TABLE (relation text, part bigint) "
    "LANGUAGE sql STABLE": """
SELECT coalesce(s.relation, f.relation), coalesce(s.part, f.part)
FROM (SELECT * FROM @.sums WHERE mark = before) s FULL JOIN (SELECT * FROM @.found WHERE mark = before) f
ON (s.relation, s.part) = (f.relation, f.part)
WHERE (s.rows, s.hash) IS DISTINCT FROM (f.rows, f.hash)
AND (SELECT (a.rows, a.hash) FROM @.sums a WHERE a.mark = after AND (a.relation, a.part) =
  (coalesce(s.relation, f.relation), coalesce(s.part, f.part))) IS NOT DISTINCT FROM
  CASE WHEN s.rows IS NOT NULL THEN (s.rows, s.hash) END
""",
    "PROCEDURE @.wait_for(word text, seconds double precision) LANGUAGE plpgsql": """
DECLARE deadline timestamptz := clock_timestamp() + seconds * interval '1 second';
BEGIN
  WHILE NOT EXISTS (SELECT FROM @.marks WHERE mark = word) LOOP
    IF clock_timestamp() > deadline THEN
      RAISE EXCEPTION 'what was committed on the other server did not arrive within % s (mark %)', seconds, word;
    END IF;
    COMMIT;
    PERFORM pg_sleep(0.01);
  END LOOP;
END
""",
    "PROCEDURE @.wait_until_confirmed(slot name, word text, seconds double precision) LANGUAGE plpgsql": """
DECLARE deadline timestamptz := clock_timestamp() + seconds * interval '1 second';
BEGIN
  WHILE NOT EXISTS (SELECT FROM pg_replication_slots s, @.marks m WHERE s.slot_name = slot AND m.mark = word
      AND s.confirmed_flush_lsn >= m.lsn) LOOP
    IF clock_timestamp() > deadline THEN
      RAISE EXCEPTION 'the other server has not stored within % s what was committed here (mark %)', seconds, word;
    END IF;
    COMMIT;
    PERFORM pg_sleep(0.01);
  END LOOP;
END
""",
    "FUNCTION @.refuse() RETURNS trigger LANGUAGE plpgsql": f"""
BEGIN
  RAISE EXCEPTION USING ERRCODE = '{REFUSAL}', MESSAGE = 'this table takes no writes here: it moves to another server',
    HINT = 'Connect anew, and try again.';
END
""",
    # A trigger stops everybody, superusers and owners included. Its lock waits for the transactions that have written,
    # and what replication applies does not fire it.
    "FUNCTION @.freeze() RETURNS void LANGUAGE plpgsql": """
DECLARE one text;
BEGIN
  EXECUTE (SELECT 'LOCK TABLE ' || string_agg(relation, ', ' ORDER BY relation) || ' IN SHARE ROW EXCLUSIVE MODE'
    FROM @.tables);
  FOR one IN SELECT relation FROM @.tables ORDER BY relation LOOP
    IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = one::regclass AND tgname = '@') THEN
      EXECUTE format('ALTER TABLE %s ENABLE TRIGGER @', one);
    ELSE
      EXECUTE format('CREATE TRIGGER @ BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT '
        'EXECUTE FUNCTION @.refuse()', one);
    END IF;
  END LOOP;
END
""",
    "FUNCTION @.thaw() RETURNS void LANGUAGE plpgsql": """
DECLARE one text;
BEGIN
  FOR one IN SELECT t.relation FROM @.tables t JOIN pg_trigger g ON g.tgrelid = t.relation::regclass
    WHERE g.tgname = '@' ORDER BY 1
  LOOP
    EXECUTE format('ALTER TABLE %s DISABLE TRIGGER @', one);
  END LOOP;
END
""",
    "FUNCTION @.keep_positions(way text) RETURNS void LANGUAGE sql": """
DELETE FROM @.positions WHERE direction = way;
INSERT INTO @.positions SELECT way, sequence, pg_sequence_last_value(to_regclass(sequence)) FROM @.sequences
""",
    # Beyond what was drawn and what is stored, by the gap, as far as the sequence reaches.
    "FUNCTION @.advance(way text) RETURNS void LANGUAGE plpgsql": f"""
DECLARE one record; stored numeric; base numeric;
BEGIN
  FOR one IN SELECT s.*, p.position, q.seqincrement AS step, q.seqmax AS top, q.seqmin AS bottom, q.seqcache AS kept
    FROM @.sequences s JOIN pg_sequence q ON q.seqrelid = to_regclass(s.sequence)
    LEFT JOIN @.positions p ON p.sequence = s.sequence AND p.direction = way
  LOOP
    stored := NULL;
    IF one.relation IS NOT NULL THEN
      EXECUTE format('SELECT %s(%s)::numeric FROM %s', CASE WHEN one.step > 0 THEN 'max' ELSE 'min' END, one.feeds,
        one.relation) INTO stored;
    END IF;
    base := CASE WHEN one.step > 0 THEN greatest(one.position, stored) ELSE least(one.position, stored) END;
    CONTINUE WHEN base IS NULL;
    base := base + greatest({SEQUENCE_GAP}, 2 * one.kept) * one.step::numeric;
    PERFORM setval(one.sequence::regclass, greatest(one.bottom, least(one.top, base))::bigint);
  END LOOP;
END
""",
}


def helpers(name: str) -> Iterator[str]:
    """Write the statements that make the schema ``name`` with the ledger and its routines.

    ``name`` is made of small letters, digits and underscores, so that it needs no quotes anywhere.
    """
    yield f"CREATE SCHEMA {ident(name)}"
    for table in _TABLES:
        yield f"CREATE TABLE {name}.{table}"
    for head, body in _ROUTINES.items():
        text = dollar(body.replace("@", name))
        yield f"CREATE {head.replace('@', name)} AS {text}"
