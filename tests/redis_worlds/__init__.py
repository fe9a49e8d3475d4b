"""Four servers as they are found: a cache, a store of sessions, a queue, a primary store of data.

Each module says what is planted in it and what an architect would object to; that list is what an audit is held
against. It has ``SETTINGS`` to start its server with, ``plant`` that makes the keys, and ``work`` that does what its
applications do. The same scale makes the same names and values, whenever and wherever; ends of keys are counted from
the moment of planting. After planting, counters are set back, so that they hold the work alone.
"""

from __future__ import annotations

from types import ModuleType

from tests.redis_worlds import cache, primary, queue, sessions

WORLDS: dict[str, ModuleType] = {"cache": cache, "sessions": sessions, "queue": queue, "primary": primary}
