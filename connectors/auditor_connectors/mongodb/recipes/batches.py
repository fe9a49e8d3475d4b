"""Work over many documents in small batches: it can be interrupted and goes on, and it waits for the replicas.

mongosh has no such thing, so each step that needs it brings it along. Documents are visited in the order of ``_id``,
whatever its type: an index's bounds know one order of all types, comparisons in a query do not
(https://www.mongodb.com/docs/manual/reference/method/cursor.min/).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.model.catalog import Key
from auditor_connectors.mongodb.javascript import collection, database, document, text

PROGRESS = "auditor_progress"
"""The collection that holds how far each work has come. Who ends last removes it."""

BATCH = 500
LAG_SECONDS = 10
"""How far a replica may be behind before the work waits: flow control counts as late what is behind by as much.

https://www.mongodb.com/docs/manual/replication/#replication-lag-and-flow-control
"""

DEFINITION = f"""
globalThis.inBatches = (source, query, work, change) => {{
  const progress = source.getDB().getCollection("{PROGRESS}");
  const majority = {{writeConcern: {{w: "majority", wtimeout: 60000}}}};
  const lag = () => {{
    try {{
      const config = db.adminCommand({{replSetGetConfig: 1}}).config.members;
      const late = config.filter(one => one.secondaryDelaySecs > 0 || one.slaveDelay > 0).map(one => one.host);
      const status = db.adminCommand({{replSetGetStatus: 1}}).members;
      const dates = status.filter(one => one.state < 3 && !late.includes(one.name)).map(one => one.optimeDate);
      return (Math.max(...dates) - Math.min(...dates)) / 1000;
    }} catch (error) {{
      return 0;  // no replica set, or no right to look: then the majority alone is waited for
    }}
  }};
  const known = progress.findOne({{_id: work}});
  let last = known === null ? MinKey() : known.last;
  for (;;) {{
    const began = Date.now();
    const next = {{$and: [query, {{_id: {{$ne: last}}}}]}};
    const found = source.find(next, {{_id: 1}}).min({{_id: last}}).hint({{_id: 1}}).limit({BATCH}).toArray();
    if (found.length === 0) break;
    const ids = found.map(one => one._id);
    change(ids, majority);
    last = ids[ids.length - 1];
    progress.updateOne({{_id: work}}, {{$set: {{last, at: new Date()}}, $inc: {{documents: ids.length}}}},
      {{upsert: true, ...majority}});
    sleep(Math.max(10, Date.now() - began));
    while (lag() > {LAG_SECONDS}) sleep(1000);
  }}
  progress.deleteOne({{_id: work}}, majority);
  if (progress.findOne() === null) progress.drop();
}}
""".strip()

NOTES = (
    (
        f"It takes {BATCH} documents at a time, waits until the majority has them, and rests as long as it worked. "
        f"When it is interrupted, run it again: it goes on where it was ({PROGRESS} in the same database knows)."
    ),
)


def in_batches(
    key: Key, query: Mapping[str, Any], work: str, change: str, *, undoes: str | None = None
) -> tuple[str, ...]:
    """Write the statements that change documents in batches.

    ``work`` identifies it, and ``undoes`` the one that it leads back from, which has to begin anew if it is done again.
    ``change`` is JavaScript over the array ``ids`` and the options ``majority``.
    """
    progress = f"{database(key[0])}.getCollection({text(PROGRESS)})"
    anew = () if undoes is None else (f"{progress}.deleteOne({document({'_id': undoes})})",)
    call = f"inBatches({collection(key)}, {document(query)}, {text(work)}, (ids, majority) => {{\n{change}\n}})"
    return (*anew, DEFINITION, call)


def of_batch(query: Mapping[str, Any]) -> str:
    """Write the query for the documents of a batch that still are of a kind."""
    return f"{{$and: [{{_id: {{$in: ids}}}}, {document(query)}]}}"


def update(key: Key, query: Mapping[str, Any], pipeline: str) -> str:
    """Write the change of a batch by an update; documents that no longer fit the query are left alone."""
    return f"  {collection(key)}.updateMany({of_batch(query)}, {pipeline}, majority);"
