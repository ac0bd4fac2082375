"""One table more: the CREATE TABLE statement of a text joins an experiment; its other tables stay as they are."""

from schema_svc.core.ddl.draft import TableDraft
from schema_svc.core.ddl.reading import read_ddl
from schema_svc.core.faults import InvalidSql, TableExists
from schema_svc.core.importing import Imported, SqlImport, import_sql
from schema_svc.core.model import Experiment
from schema_svc.core.problems import Problem, fault_of
from schema_svc.core.vocabulary import Dialect


def import_table(experiment: Experiment, order: SqlImport) -> Imported:
    """Add the text's one table to an experiment, which is changed, or raise."""
    _refuse_other_dialect(experiment, order.dialect)
    draft = _only_table(order)
    if any(table.name.casefold() == draft.name.casefold() for table in experiment.tables):
        raise TableExists(
            f"experiment {experiment.name!r} has a table {draft.name!r}",
            hint="change it with UpdateExperiment",
            metadata={"experiment": experiment.name, "table": draft.name},
        )
    before = [table.model_copy(deep=True) for table in experiment.tables]
    imported = import_sql(order, experiment)
    new = experiment.tables[-1]
    experiment.tables = [*before, new]
    about_new = [d for d in imported.diagnostics if not d.path or d.path.partition(".")[0] == new.name]
    return Imported(experiment, imported.statements, about_new)


def _only_table(order: SqlImport) -> TableDraft:
    tables = read_ddl(order.sql, order.dialect).drafts.tables
    if len(tables) != 1:
        names = ", ".join(table.name for table in tables[:5]) + (", …" if len(tables) > 5 else "")
        raise InvalidSql(
            f"the text has {len(tables)} tables ({names}); one is imported at a time",
            hint="import them one by one, or all as an experiment of their own with ImportSql",
        )
    return tables[0]


def _refuse_other_dialect(experiment: Experiment, dialect: Dialect) -> None:
    own = experiment.dialect
    if own not in {Dialect.NAME_UNSPECIFIED, dialect}:
        text = f"the statement is in {dialect.lower()}, the experiment in {own.lower()}"
        raise fault_of([Problem("dialect", text, f"write the statement in {own.lower()}")])
