"""What became of a probe: EXACT and right, APPROXIMATE, REFUSED, FAILS as it should, or WRONG."""

import json
import math
from decimal import Decimal, InvalidOperation
from typing import Any

from dwsim.query.v1.query_service_pb2 import RunQueryResponse
from dwsim.query.v1.translation_pb2 import Translation

from dwsim_wire.errors import RemoteFault
from tests.fidelity.probes import Probe
from tests.query_svc.conftest import RunningQuery

_TOLERANCE = 1e-12


async def judged(probe: Probe, query: RunningQuery, experiment: str) -> tuple[str, str]:
    """Run a probe; answer its outcome and what came instead of what was expected."""
    try:
        answer = await query.run(probe.sql, experiment)
    except RemoteFault as fault:
        if fault.reason == "NOT_TRANSLATABLE":
            return "REFUSED", fault.message
        return "FAILS", f"{fault.reason}: {fault.message}"
    rows = _values(answer)
    if answer.translation.verdict != Translation.EXACT:
        return "APPROXIMATE", f"{rows} {list(answer.translation.notes)}"
    right = probe.verdict != "FAILS" and _alike(rows, probe.rows)
    return ("EXACT" if right else "WRONG"), f"{rows}, by {answer.translation.translated_sql}"


def _values(answer: RunQueryResponse) -> list[list[Any]]:
    documents = [column.data_type in ("SUPER", "JSON") for column in answer.columns]
    return [[_value(v, d) for v, d in zip(row, documents, strict=True)] for row in answer.rows]


def _value(value: Any, document: bool) -> Any:
    return json.loads(value) if document and isinstance(value, str) and value[:1] in "[{" else value


def _alike(got: Any, wanted: Any) -> bool:
    """Equal; a decimal arrives as text and equals the number that it writes, a double may miss its last bits."""
    if isinstance(wanted, list) and isinstance(got, list):
        return len(got) == len(wanted) and all(_alike(g, w) for g, w in zip(got, wanted, strict=True))
    if isinstance(wanted, dict) and isinstance(got, dict):
        return got.keys() == wanted.keys() and all(_alike(got[k], wanted[k]) for k in wanted)
    if isinstance(wanted, bool) or isinstance(got, bool) or wanted is None or got is None:
        return got is wanted
    if isinstance(wanted, int | float):
        return _near(got, wanted)
    return bool(got == wanted)


def _near(got: Any, wanted: float) -> bool:
    try:
        number = Decimal(str(got))
    except InvalidOperation:
        return False
    if isinstance(got, str) and isinstance(wanted, int):
        return number == wanted
    return math.isclose(number, wanted, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
