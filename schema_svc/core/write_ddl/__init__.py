"""An experiment as DDL of any dialect, with an account of what the text does not say.

In the experiment's own dialect source types and kept properties come back as they were. In another one, types are
mapped by tables, expressions are translated, and what the dialect does not have is left out with a diagnostic.
"""

from schema_svc.core.model import Experiment
from schema_svc.core.report import Diagnostic
from schema_svc.core.vocabulary import Dialect
from schema_svc.core.write_ddl.account import Account, account_for_document
from schema_svc.core.write_ddl.writer import Writer

__all__ = ["write_ddl"]


def write_ddl(experiment: Experiment, dialect: Dialect) -> tuple[str, list[Diagnostic]]:
    """Write every table and view; the experiment's own dialect where none is named, Redshift's where it has none."""
    written = next(d for d in (dialect, experiment.dialect, Dialect.REDSHIFT) if d is not Dialect.NAME_UNSPECIFIED)
    account = Account(written)
    text = Writer(experiment, written, account).text()
    account_for_document(experiment, account)
    return text, account.found
