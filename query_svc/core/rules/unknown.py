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


def _named(text: str) -> frozenset[str]:
    return frozenset(text.split())


REFUSED = (
    Family(
        "spatial functions are not served here",
        "keep coordinates as two numbers, and compute with SQRT, SIN, COS and RADIANS",
        _named("ADDBBOX DROPBBOX SUPPORTSBBOX GEOMETRYTYPE HAVERSINE TO_GEOGRAPHY TO_GEOMETRY"),
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
        _named("EXPLAIN_MODEL"),
        ("ML_", "AI_", "SNOWFLAKE.CORTEX.", "SNOWFLAKE.ML."),
    ),
    Family(
        "vectors are kept, not computed with",
        "select them as they are, and compute in the client",
        begins=("VECTOR_",),
    ),
    Family(
        "nothing is encrypted or decrypted here",
        "use SHA2 to tell values apart, or encrypt in the client",
        _named("ENCRYPT DECRYPT ENCRYPT_RAW DECRYPT_RAW TRY_DECRYPT TRY_DECRYPT_RAW"),
    ),
    Family(
        "functions that make data are not served here",
        "let a rule of the experiment generate it",
        _named("RANDOM RANDSTR UNIFORM NORMAL ZIPF UUID_STRING SEQ1 SEQ2 SEQ4 SEQ8"),
    ),
    Family(
        "a query reads no files",
        "load them, or COPY them into a scratch",
        _named("BUILD_SCOPED_FILE_URL BUILD_STAGE_FILE_URL TO_FILE TRY_TO_FILE"),
        ("FL_", "GET_STAGE_", "GET_PRESIGNED_", "GET_RELATIVE_", "GET_ABSOLUTE_"),
    ),
    Family(
        "there is no account, role or session of Snowflake's here",
        "write the value as a literal",
        _named("""
            CURRENT_ACCOUNT CURRENT_ACCOUNT_NAME CURRENT_AVAILABLE_ROLES CURRENT_CLIENT CURRENT_IP_ADDRESS
            CURRENT_ORGANIZATION_NAME CURRENT_REGION CURRENT_ROLE CURRENT_ROLE_TYPE CURRENT_SECONDARY_ROLES
            CURRENT_SESSION CURRENT_STATEMENT CURRENT_TRANSACTION CURRENT_WAREHOUSE IS_ROLE_IN_SESSION LAST_QUERY_ID
            LAST_TRANSACTION
        """),
    ),
    Family(
        "a query does not administer the warehouse",
        "cancel queries with CancelQuery; the limits of a call stand in its request",
        _named("""
            CHANGE_QUERY_PRIORITY CHANGE_SESSION_PRIORITY CHANGE_USER_PRIORITY CURRENT_SETTING PG_CANCEL_BACKEND
            PG_TERMINATE_BACKEND REBOOT_CLUSTER SET_CONFIG
        """),
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
