"""What can go wrong with experiments; each class is named by the fact, `reason` is its name in the contract.

Fault
├── UnknownExperiment, UnknownRevision, UnknownTable
├── ExperimentExists, TableExists, ExperimentBusy, ExperimentDeleting, EtagMismatch, RequestIdReused
├── InvalidName
├── EmptyDocument, InvalidDocument, TooComplex, ParseTimeout, TooManyTexts
├── InvalidSql
└── InvalidExperiment       with one field violation per broken rule; its children where all are of one kind
    ├── UnknownDialect
    ├── UnknownReferencedTable, UnknownReferencedColumn, ReferenceNotUnique, RequiredCycle
    ├── DomainTooSmall, ImpossibleFanOut, RuleMisfit, InvalidDistribution, InvalidCorrelation
    ├── InvalidKey, NameCollision, InvalidExpression, UnknownProvider
    └── InvalidRowCount
"""

from dwsim_wire.fault import Fault


class UnknownExperiment(Fault):
    """No experiment has this name or id."""

    reason = "UNKNOWN_EXPERIMENT"


class UnknownRevision(Fault):
    """The experiment has no such revision."""

    reason = "UNKNOWN_REVISION"


class UnknownTable(Fault):
    """The experiment has no such table."""

    reason = "UNKNOWN_TABLE"


class ExperimentExists(Fault):
    """An experiment of this name exists, or its deletion has not finished."""

    reason = "EXPERIMENT_EXISTS"


class TableExists(Fault):
    """The experiment has a table of this name."""

    reason = "TABLE_EXISTS"


class ExperimentBusy(Fault):
    """A run or a load of the experiment is active."""

    reason = "EXPERIMENT_BUSY"


class ExperimentDeleting(Fault):
    """The experiment is being deleted."""

    reason = "EXPERIMENT_DELETING"


class EtagMismatch(Fault):
    """Somebody else made a revision meanwhile."""

    reason = "ETAG_MISMATCH"


class RequestIdReused(Fault):
    """A request id was used before with another payload."""

    reason = "REQUEST_ID_REUSED"


class InvalidName(Fault):
    """A name is empty, too long or has characters that no warehouse takes."""

    reason = "INVALID_NAME"


class EmptyDocument(Fault):
    """The text has nothing in it."""

    reason = "EMPTY_DOCUMENT"


class InvalidDocument(Fault):
    """The JSON or YAML text cannot be read."""

    reason = "INVALID_DOCUMENT"


class TooComplex(Fault):
    """Text nests deeper, or is larger, than is parsed."""

    reason = "TOO_COMPLEX"


class ParseTimeout(Fault):
    """Parsing took longer than one text is allowed."""

    reason = "PARSE_TIMEOUT"


class TooManyTexts(Fault):
    """Too many large texts wait for being parsed."""

    reason = "TOO_MANY_TEXTS"


class InvalidSql(Fault):
    """No statement of the SQL text gives a table."""

    reason = "INVALID_SQL"


class InvalidExperiment(Fault):
    """The experiment breaks its own rules."""

    reason = "INVALID_EXPERIMENT"


class InvalidNameInside(InvalidExperiment):
    """A table or column has a name that no warehouse takes."""

    reason = "INVALID_NAME"


class UnknownDialect(InvalidExperiment):
    """The dialect is not one that can be imported."""

    reason = "UNKNOWN_DIALECT"


class UnknownReferencedTable(InvalidExperiment):
    """A foreign key names a table that is not there."""

    reason = "UNKNOWN_REFERENCED_TABLE"


class UnknownReferencedColumn(InvalidExperiment):
    """A foreign key names a column that is not there."""

    reason = "UNKNOWN_REFERENCED_COLUMN"


class ReferenceNotUnique(InvalidExperiment):
    """A foreign key names columns that are not unique."""

    reason = "REFERENCE_NOT_UNIQUE"


class RequiredCycle(InvalidExperiment):
    """Required foreign keys form a cycle."""

    reason = "REQUIRED_CYCLE"


class InvalidRowCount(InvalidExperiment):
    """A row count is negative or beyond 10^12."""

    reason = "INVALID_ROW_COUNT"


class DomainTooSmall(InvalidExperiment):
    """A unique column, or a group of columns, has fewer values than its table has rows."""

    reason = "DOMAIN_TOO_SMALL"


class ImpossibleFanOut(InvalidExperiment):
    """A parent's rows cannot have the children that are asked for."""

    reason = "IMPOSSIBLE_FAN_OUT"


class UnknownProvider(InvalidExperiment):
    """Faker has no provider, or no locale, of a name."""

    reason = "UNKNOWN_PROVIDER"


class RuleMisfit(InvalidExperiment):
    """A rule, a bound or a value does not fit its column's type."""

    reason = "RULE_MISFIT"


class InvalidDistribution(InvalidExperiment):
    """The parameters are none of the distribution, or outside its domain."""

    reason = "INVALID_DISTRIBUTION"


class InvalidKey(InvalidExperiment):
    """A key names no column, or one that is not there."""

    reason = "INVALID_KEY"


class NameCollision(InvalidExperiment):
    """Two names are one name to a warehouse."""

    reason = "NAME_COLLISION"


class InvalidCorrelation(InvalidExperiment):
    """A matrix is no matrix of correlations among numeric columns."""

    reason = "INVALID_CORRELATION"


class InvalidExpression(InvalidExperiment):
    """A condition, a default or a view is not one piece of SQL."""

    reason = "INVALID_EXPRESSION"
