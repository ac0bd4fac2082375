"""What is said of a function that no rule knows: that its family is refused as a whole, or which name is near."""

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import Context


@dataclass(frozen=True)
class Family:
    """Functions that are refused as a whole, by their names or what these begin with."""

    reason: str
    hint: str
    names: frozenset[str] = frozenset()
    begins: tuple[str, ...] = ()

    def has(self, name: str) -> bool:
        """Whether a name in capitals is one of them."""
        return name in self.names or name.startswith(self.begins)


REFUSED = (
    Family(
        "spatial functions are not served here",
        "keep coordinates as two numbers, and compute with SQRT, SIN, COS and RADIANS",
        frozenset(["ADDBBOX", "DROPBBOX", "SUPPORTSBBOX", "GEOMETRYTYPE", "TO_GEOGRAPHY", "TO_GEOMETRY", "HAVERSINE"]),
        ("ST_", "H3_"),
    ),
    Family(
        "sketches are those of Redshift's SQL on PostgreSQL alone",
        "count with HLL(…)",
        begins=("HLL_",),
    ),
    Family(
        "there are no models here",
        "predict outside of the warehouse, and join the predictions as a table",
        frozenset(["EXPLAIN_MODEL"]),
        ("ML_", "AI_"),
    ),
    Family(
        "a query does not administer the warehouse",
        "cancel queries with CancelQuery; the limits of a call stand in its request",
        frozenset(
            [
                *("CURRENT_SETTING", "SET_CONFIG", "PG_CANCEL_BACKEND", "PG_TERMINATE_BACKEND", "REBOOT_CLUSTER"),
                *("CHANGE_QUERY_PRIORITY", "CHANGE_SESSION_PRIORITY", "CHANGE_USER_PRIORITY"),
            ]
        ),
        ("SYSTEM$",),
    ),
)


def unknown_function(name: str, known: Collection[str], cx: Context) -> NotTranslatable:
    """Fault of a function by its name in capitals; `known` are the names of others."""
    if family := next((family for family in REFUSED if family.has(name)), None):
        return NotTranslatable(f"{name}()", family.reason, hint=family.hint)
    near = get_close_matches(name, known, n=1, cutoff=0.65)
    return NotTranslatable(
        f"{name}()",
        f"it is not among the {cx.dialect.name} functions that are known here",
        hint=f"did you mean {near[0]}()?" if near and near[0] != name else "leave it out",
    )
