"""What an export does not say: nothing is lost in silence."""

from schema_svc.core.model import Column, Experiment, Table
from schema_svc.core.names import SURROGATE
from schema_svc.core.report import Diagnostic
from schema_svc.core.surrogate import has_surrogate
from schema_svc.core.vocabulary import Constraints, Dialect, Severity, WarehouseKind


class Account:
    """Diagnostics of one export, in the order of the document."""

    def __init__(self, written: Dialect) -> None:
        self._dialect = written.lower()
        self.found: list[Diagnostic] = []

    def unsaid(self, path: str, what: str) -> None:
        """DDL has no words for it."""
        self.found.append(Diagnostic(Severity.INFO, "NOT_IN_DDL", f"DDL does not say it: {what}", path=path))

    def dropped(self, path: str, what: str, hint: str = "") -> None:
        """The dialect has no words for it."""
        self._warn("PROPERTY_DROPPED", path, f"{self._dialect} has no {what}", hint)

    def changed(self, path: str, was: str, becomes: str, loses: str) -> None:
        """The dialect's type is another one."""
        self._warn("TYPE_CHANGED", path, f"{was} becomes {becomes} in {self._dialect}: {loses}")

    def untranslated(self, path: str, what: str, why: str) -> None:
        """An expression is left out."""
        self._warn("NOT_TRANSLATED", path, f"{what} is left out of the {self._dialect} text: {why}")

    def renamed(self, path: str, name: str) -> None:
        """The dialect folds the name."""
        self._warn("NAME_CHANGED", path, f"{self._dialect} reads the name {name!r} as {name.lower()!r}")

    def named_apart(self, path: str, name: str, becomes: str) -> None:
        """Two tables have keys of one name."""
        self._warn("NAME_CHANGED", path, f"{name!r} is another name in {self._dialect} already; here it is {becomes!r}")

    def _warn(self, code: str, path: str, message: str, hint: str = "") -> None:
        self.found.append(Diagnostic(Severity.WARNING, code, message, hint, path=path))


def account_for_document(experiment: Experiment, account: Account) -> None:
    """Name what no dialect's DDL has words for."""
    if experiment.description:
        account.unsaid("description", "what the experiment is about")
    if experiment.target_warehouse is not WarehouseKind.KIND_UNSPECIFIED:
        account.unsaid("target_warehouse", f"{experiment.target_warehouse.lower()} is loaded")
    if experiment.constraints is not Constraints.CONSTRAINTS_UNSPECIFIED:
        account.unsaid("constraints", f"keys are {experiment.constraints.lower()}")
    for t, table in enumerate(experiment.tables):
        _account_for_table(table, f"tables[{t}]", account)


def _account_for_table(table: Table, path: str, account: Account) -> None:
    account.unsaid(f"{path}.target_rows", f"{table.name} has {table.target_rows} rows")
    if len(table.primary_key) > 1:
        account.unsaid(f"{path}.primary_key", "the key has no surrogate: import with surrogate_keys false")
    for k in range(1 if has_surrogate(table) else 0, len(table.composite_keys)):
        account.unsaid(f"{path}.composite_keys[{k}]", "the group is a composite key; it is written as UNIQUE")
    for k in range(len(table.correlations)):
        account.unsaid(f"{path}.correlations[{k}]", f"columns of {table.name} are correlated")
    for c, column in enumerate(table.columns):
        if column.name != SURROGATE:
            _account_for_column(column, f"{path}.columns[{c}]", table.name, account)
    for k, key in enumerate(table.foreign_keys):
        if key.inferred:
            account.unsaid(f"{path}.foreign_keys[{k}]", "a guessed foreign key is left out")
        elif key.parent_choice:
            account.unsaid(f"{path}.foreign_keys[{k}].parent_choice", "how parents are chosen")


def _account_for_column(column: Column, path: str, table: str, account: Account) -> None:
    if _has_rule(column):
        account.unsaid(path, f"how cells of {table}.{column.name} are made")
    key = column.foreign_key
    if key and key.inferred:
        account.unsaid(f"{path}.foreign_key", "a guessed foreign key is left out")
    elif key and key.parent_choice:
        account.unsaid(f"{path}.foreign_key.parent_choice", "how parents are chosen")


def _has_rule(column: Column) -> bool:
    """True where cells are made as the user said; what was guessed is guessed again."""
    given = (column.min_value, column.max_value, column.null_fraction, column.distribution)
    if column.inferred:
        return False
    stated = column.rule is not None and "identity" not in column.properties
    return (
        stated or any(x is not None for x in given) or bool(column.date_start or column.date_end or column.faker_rule)
    )
