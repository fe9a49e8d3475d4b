"""Tell apart documents of one collection that have little in common."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from msgspec import Struct

from auditor.model.documents import ShapeGroup
from auditor_connectors.mongodb.sampling.fields import paths
from auditor_connectors.mongodb.sampling.tally import Node, Tally

ALIKE = 0.5
"""Documents whose sets of fields have a Jaccard index of this or more are of one group."""

LEAST = 0.05
"""The share of the documents that makes a group."""

_OWN, _FOREIGN = 0.8, 0.2
"""A field sets a group apart that so many of its documents have, and so few of the others."""
_OWN_FIELDS = 2
_SHOWN = 8
_SHAPES = 300
_PREDICTS = 0.98
_VALUES = 20


class Grouping(Struct, frozen=True, kw_only=True):
    """The groups, largest first; none where all documents are much alike.

    ``discriminator`` is the field whose value tells the group; ``successive`` says that the groups follow each other in
    the order of creation.
    """

    groups: tuple[ShapeGroup, ...] = ()
    discriminator: str | None = None
    successive: bool = False


def grouping(tally: Tally, *, ordered: bool) -> Grouping:
    """Group the documents of a tally."""
    fields = {path: node for path, node in paths(tally.root) if not node.nested and path != "_id"}
    members = _clusters([node.documents for node in fields.values()], tally.documents)
    large = [documents for documents in members if documents.bit_count() >= LEAST * tally.documents]
    covered = sum(documents.bit_count() for documents in large)
    if len(large) < 2 or covered < _OWN * tally.documents:
        return Grouping()
    everything = (1 << tally.documents) - 1
    own = [_own_fields(documents, everything & ~documents, fields) for documents in large]
    if sum(len(names) >= _OWN_FIELDS for names in own) < 2:
        return Grouping()
    groups = tuple(
        ShapeGroup(share=round(documents.bit_count() / tally.documents, 4), fields=tuple(names[:_SHOWN]))
        for documents, names in zip(large, own, strict=True)
    )
    return Grouping(
        groups=groups,
        discriminator=_discriminator(tally.root, large, covered),
        successive=ordered and _successive(large, covered),
    )


def _clusters(fields: Sequence[int], documents: int) -> list[int]:
    """Sets of documents, each a number with a bit for each of them, largest first.

    Each distinct set of fields joins the first group whose most frequent set is alike (the leader algorithm, Hartigan,
    Clustering Algorithms, 1975, chapter 3).
    """
    shapes: Counter[int] = Counter()
    holders: dict[int, int] = defaultdict(int)
    for document in range(documents):
        shape = 0
        for number, having in enumerate(fields):
            shape |= (having >> document & 1) << number
        shapes[shape] += 1
        holders[shape] |= 1 << document
    leaders: list[int] = []
    found: dict[int, int] = {}
    for shape, _ in sorted(shapes.items(), key=lambda item: (-item[1], item[0]))[:_SHAPES]:
        leader = next((one for one in leaders if _jaccard(one, shape) >= ALIKE), None)
        if leader is None:
            leaders.append(shape)
            leader = shape
        found[leader] = found.get(leader, 0) | holders[shape]
    return sorted(found.values(), key=lambda one: (-one.bit_count(), one))


def _jaccard(one: int, other: int) -> float:
    union = (one | other).bit_count()
    return (one & other).bit_count() / union if union else 1.0


def _own_fields(documents: int, others: int, fields: dict[str, Node]) -> list[str]:
    """The fields that most of these documents have, and few of the others."""
    return [
        path
        for path, node in sorted(fields.items())
        if (node.documents & documents).bit_count() >= _OWN * documents.bit_count()
        and (node.documents & others).bit_count() <= _FOREIGN * others.bit_count()
    ]


def _discriminator(root: Node, groups: Sequence[int], covered: int) -> str | None:
    """The field with few values that tells the group of nearly each document."""
    best: tuple[int, str] | None = None
    for name, node in sorted(root.children.items()):
        if len(node.values) < _PREDICTS * covered or not 2 <= len(set(node.values.values())) <= _VALUES:
            continue
        told: dict[int, Counter[int]] = defaultdict(Counter)
        for number, documents in enumerate(groups):
            for document, value in node.values.items():
                if documents >> document & 1:
                    told[value][number] += 1
        right = sum(max(counts.values()) for counts in told.values())
        if right >= _PREDICTS * covered and (best is None or right > best[0]):
            best = (right, name.decode(errors="replace"))
    return None if best is None else best[1]


def _successive(groups: Sequence[int], covered: int) -> bool:
    """Whether a moment can be named before which nearly all documents are of one group, and after which of others.

    With more than two groups each must lie nearly all on one side of the moment.
    """
    first = min(groups, key=_middle)
    end = sorted(_positions(first))[int(0.97 * first.bit_count()) - 1] if first.bit_count() > 1 else 0
    before = (1 << (end + 1)) - 1
    right = (first & before).bit_count() + sum((one & ~before).bit_count() for one in groups if one != first)
    return right >= 0.95 * covered


def _middle(documents: int) -> float:
    places = _positions(documents)
    return sum(places) / len(places)


def _positions(documents: int) -> list[int]:
    return [number for number in range(documents.bit_length()) if documents >> number & 1]
