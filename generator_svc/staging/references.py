"""Reference files: columns of CSV and Parquet files below one directory, as text.

Only relative paths inside the directory are read, after links are followed; nothing is fetched from elsewhere.
"""

import csv
import difflib
import io
import logging
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
import xxhash

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.references import ReadReference
from generator_svc.core.rules import ReferenceRule
from generator_svc.core.run_faults import ReferenceChanged

log = logging.getLogger("dwsim.generator.references")
MOST_BYTES: Final = 64 << 20
MOST_ROWS: Final = 1_000_000


class ReferenceFiles:
    """The files of one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def read(self, rule: ReferenceRule) -> ReadReference:
        """Read a rule's values; a file other than the one that the rule pins is refused."""
        path = self._path(rule)
        data = _content(path, rule)
        found = xxhash.xxh3_128_hexdigest(data)
        if rule.content_hash not in {"", found}:
            raise ReferenceChanged(
                f"reference file {rule.uri!r} has changed: its hash is {found}, and the rule pins {rule.content_hash}",
                hint="put the file back, or start a FULL run",
                metadata={"uri": rule.uri},
            )
        table = _FORMATS[path.suffix.lower()](data, rule)
        if not table.num_rows <= MOST_ROWS:
            raise _refused(rule, f"has {table.num_rows:,} rows", f"a reference file has at most {MOST_ROWS:,}")
        values, weights = _weighted(table, rule)
        return ReadReference(rule.uri, rule.column, rule.weight_column, found, values, weights)

    def _path(self, rule: ReferenceRule) -> Path:
        written = PurePosixPath(rule.uri)
        inside = (
            not written.is_absolute() and ".." not in written.parts and "://" not in rule.uri and "\0" not in rule.uri
        )
        path = self._directory / written
        if not rule.uri or not inside or not self._leads_inside(path):
            hint = "name it by its path inside the server's directory of reference files (reference_dir)"
            raise _refused(rule, "is not a path inside the directory of reference files", hint)
        if path.suffix.lower() not in _FORMATS:
            raise _refused(rule, "is neither a .csv nor a .parquet file", "save it as one of them")
        if not path.is_file():
            names = [str(each.relative_to(self._directory)) for each in self._directory.rglob("*") if each.is_file()]
            near = difflib.get_close_matches(rule.uri, names, 1)
            hint = f"did you mean {near[0]!r}?" if near else "put it into the server's directory of reference files"
            raise _refused(rule, "is not there", hint)
        return path

    def _leads_inside(self, path: Path) -> bool:
        """Whether a path is inside once links are followed; a circle of links leads nowhere."""
        try:
            return path.resolve().is_relative_to(self._directory.resolve())
        except (OSError, RuntimeError):
            return False


def _content(path: Path, rule: ReferenceRule) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _refused(rule, f"is larger than {MOST_BYTES >> 20} MiB", "keep the column that is needed")
        return path.read_bytes()
    except OSError as error:
        raise _refused(rule, f"cannot be read: {error.strerror}", "see the file's rights") from error


def _csv(data: bytes, rule: ReferenceRule) -> pa.Table:
    try:
        names = next(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")), [])
        _known(names, rule)
        types = dict.fromkeys(names, pa.string())
        options = pyarrow.csv.ConvertOptions(
            column_types=types, include_columns=_needed(rule), strings_can_be_null=True, null_values=[""]
        )
        text = pyarrow.csv.ParseOptions(newlines_in_values=True)
        return pyarrow.csv.read_csv(io.BytesIO(data.removeprefix(b"\xef\xbb\xbf")), None, text, options)
    except (pa.ArrowException, UnicodeDecodeError, csv.Error) as error:
        raise _refused(rule, f"is no CSV: {str(error)[:200]}", "write UTF-8 with commas and a row of names") from error


def _parquet(data: bytes, rule: ReferenceRule) -> pa.Table:
    try:
        file = pyarrow.parquet.ParquetFile(io.BytesIO(data))
        _known(file.schema_arrow.names, rule)
        if file.metadata.num_rows > MOST_ROWS:
            rows = f"has {file.metadata.num_rows:,} rows"
            raise _refused(rule, rows, f"a reference file has at most {MOST_ROWS:,}")
        return file.read(columns=_needed(rule))
    except pa.ArrowException as error:
        raise _refused(rule, f"is no Parquet: {str(error)[:200]}", "write it again") from error


def _needed(rule: ReferenceRule) -> list[str]:
    return list(dict.fromkeys(name for name in (rule.column, rule.weight_column) if name))


def _known(names: list[str], rule: ReferenceRule) -> None:
    for name in (rule.column, *([rule.weight_column] if rule.weight_column else [])):
        if name not in names:
            near = difflib.get_close_matches(name, names, 1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise _refused(rule, f"has no column {name!r}", f"{hint}it has {', '.join(names)}")
        if names.count(name) > 1:
            raise _refused(rule, f"has {names.count(name)} columns {name!r}", "give each column a name of its own")


def _weighted(table: pa.Table, rule: ReferenceRule) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Values that are not NULL, each once, with the sum of its weights."""
    try:
        texts = pc.cast(table.column(rule.column), pa.string()).to_pylist()
    except pa.ArrowException:
        kind = table.column(rule.column).type
        raise _refused(rule, f"has {kind} in column {rule.column!r}", "choose a column of simple values") from None
    weights = _weights(table, rule) if rule.weight_column else [1.0] * len(texts)
    sums: dict[str, float] = {}
    for text, weight in zip(texts, weights, strict=True):
        if text is not None:
            sums[text] = sums.get(text, 0.0) + weight
    if dropped := texts.count(None):
        log.warning("rows without a value are left out", extra={"uri": rule.uri, "rows": dropped})
    if not sums:
        raise _refused(rule, f"has no values in column {rule.column!r}", "choose another column")
    if not 0.0 < (whole := sum(sums.values())) < float("inf"):
        where = f"has weights of {whole:g} together in column {rule.weight_column!r}"
        raise _refused(rule, where, "write numbers with one above 0 among them, and a finite sum")
    return tuple(sums), tuple(sums.values())


def _weights(table: pa.Table, rule: ReferenceRule) -> list[float]:
    try:
        weights = pc.cast(table.column(rule.weight_column), pa.float64()).fill_null(0.0).to_pylist()
    except pa.ArrowException as error:
        raise _refused(
            rule, f"has no numbers in column {rule.weight_column!r}: {error}", "weights are numbers"
        ) from None
    for row, weight in enumerate(weights):
        if not 0 <= weight < float("inf"):
            where = f"has the weight {weight} in row {row + 1} of column {rule.weight_column!r}"
            raise _refused(rule, where, "weights are 0 and above")
    return [float(weight) for weight in weights]


def _refused(rule: ReferenceRule, what: str, hint: str) -> ImpossibleRule:
    return ImpossibleRule(f"reference file {rule.uri!r} {what}", hint=hint, metadata={"uri": rule.uri})


_FORMATS: Final[Mapping[str, Callable[[bytes, ReferenceRule], pa.Table]]] = {".csv": _csv, ".parquet": _parquet}
