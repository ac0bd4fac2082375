"""Rejects of a load as pages, read from their files."""

from collections.abc import Iterator, Sequence

from loader_svc.core.rejects import Reject, RejectFile, shown_row
from loader_svc.warehouses.staged_content import checked_rows
from loader_svc.worker.reject_files import facts_of, without_facts


def page(load_id: int, files: Sequence[RejectFile], after: int, limit: int) -> list[Reject]:
    """At most `limit` rejects behind the first `after`; files that are passed over are not read."""
    found: list[Reject] = []
    for file in files:
        if after >= file.rows:
            after -= file.rows
        elif len(found) < limit:
            found += _rejects(load_id, file, after, limit - len(found))
            after = 0
    return found


def _rejects(load_id: int, file: RejectFile, first: int, limit: int) -> Iterator[Reject]:
    rows = checked_rows(file.batch).slice(first, limit)
    values = without_facts(rows).to_pylist()
    for (reason, message, number), row in zip(facts_of(rows), values, strict=True):
        yield Reject(load_id, file.table, file.index, number, reason, message, file.uri, shown_row(row))
