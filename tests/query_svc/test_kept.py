"""Results that wait for their next page have a budget, whatever their size."""

import pyarrow as pa

from query_svc.core.translate import Translation
from query_svc.worker.kept import LEAST_BYTES, KeptResult, KeptResults

ROW = pa.table({"a": [1]})


def _result(query_id: str, table: pa.Table = ROW) -> KeptResult:
    return KeptResult(query_id, Translation("SELECT a", "redshift", "REDSHIFT"), (), table, False, 0.0, 0.0, 0.0)


def test_many_tiny_results_make_room_for_each_other() -> None:
    """A notebook that asks for pages of one row leaves thousands of results, none of which has bytes to speak of."""
    kept = KeptResults(10 * (LEAST_BYTES + ROW.nbytes))
    for n in range(1_000):
        kept.keep(_result(str(n)))
    assert [n for n in range(1_000) if kept.get(str(n))] == list(range(990, 1_000))


def test_a_large_result_takes_the_room_of_many() -> None:
    """The budget is one of bytes."""
    large = pa.table({"a": range(100_000)})
    kept = KeptResults(LEAST_BYTES + large.nbytes)
    for n in range(10):
        kept.keep(_result(str(n)))
    kept.keep(_result("large", large))
    assert kept.get("large")
    assert not any(kept.get(str(n)) for n in range(10))
    kept.keep(_result("after"))
    assert kept.get("after")
    assert not kept.get("large")
