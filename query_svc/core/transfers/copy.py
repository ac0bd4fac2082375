"""COPY, read: a table of the scratch, the place of its files, and how they are read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from query_svc.core.catalog import Column, Place
from query_svc.core.dialects import DIALECTS, Dialect
from query_svc.core.faults import InvalidSql, NotTranslatable, WriteRefused
from query_svc.core.transfers import options as o
from query_svc.core.transfers.places import S3Place
from query_svc.core.transfers.text import COPY, transfer_words
from query_svc.core.translate import Translation
from query_svc.core.writes.plan import Change, Kind, Plan, Scene
from query_svc.core.writes.rows import column_of
from query_svc.core.writes.targets import target_table
from query_svc.core.writes.words import Words, twice_in

TEXT = "TEXT"
NULL_TEXT = "\\N"


def _one_of(*allowed: str) -> Callable[[Words], str]:
    """Read `[AS] 'text'` that is one of a few."""

    def read(words: Words) -> str:
        value = o.text(words)
        if value.upper() not in {word.upper() for word in allowed}:
            known = " or ".join(repr(word) for word in allowed)
            raise NotTranslatable(f"COPY with the format {value[:60]!r}", hint=f"it takes {known}")
        return value.lower()

    return read


def _zero(words: Words) -> None:
    words.take("AS")
    token = words.word()
    if token.text != "0":
        raise NotTranslatable("COPY with MAXERROR", "a COPY loads all rows or none", hint="mend the files")


def _count(words: Words) -> int:
    words.take("AS")
    token = words.word()
    if not token.text.isdigit():
        raise InvalidSql(f"IGNOREHEADER takes a number, not {token.text[:20]!r}", hint="write IGNOREHEADER 1")
    return int(token.text)


def _encoding(words: Words) -> None:
    words.take("AS")
    token = words.word()
    if token.text.upper() not in ("UTF8", "UTF-8"):
        raise NotTranslatable(f"COPY with ENCODING {token.text[:20]}", hint="files are read as UTF-8")


def _json(words: Words) -> str:
    """Read `[AS] ['auto']`."""
    words.take("AS")
    if not words.next_is_text:
        return "auto"
    return _one_of("auto", "auto ignorecase")(words)


_HONOURED: o.Honoured = {
    ("CSV",): ("csv", o.constant(True)),
    ("JSON",): ("json", _json),
    ("PARQUET",): ("parquet", o.constant(True)),
    ("QUOTE",): ("quote", o.character),
    ("DELIMITER",): ("delimiter", o.character),
    ("IGNOREHEADER",): ("skip", _count),
    ("NULL",): ("null_as", o.text),
    ("ESCAPE",): ("escape", o.constant(True)),
    **{(name,): ("compression", o.constant(codec)) for name, codec in o.COMPRESSIONS.items()},
    ("MANIFEST",): ("manifest", o.constant(True)),
    ("BLANKSASNULL",): ("blanks_null", o.constant(True)),
    ("EMPTYASNULL",): ("empty_null", o.constant(True)),
    ("IGNOREBLANKLINES",): ("skip_blank", o.constant(True)),
    ("TRIMBLANKS",): ("trim", o.constant(True)),
    ("ROUNDEC",): ("rounds", o.constant(True)),
    ("DATEFORMAT",): ("date_format", _one_of("auto", "YYYY-MM-DD")),
    ("TIMEFORMAT",): ("time_format", _one_of("auto", "YYYY-MM-DD HH:MI:SS")),
    ("MAXERROR",): ("max_error", _zero),
    ("ENCODING",): ("encoding", _encoding),
}
_IGNORED: o.Honoured = {
    ("REGION",): ("the staging area is at one place", o.text),
    ("COMPUPDATE",): ("the stand-in keeps no encodings", o.on_or_off),
    ("STATUPDATE",): ("the stand-in keeps its own statistics", o.on_or_off),
}
_REFUSED: o.Phrases = {
    **{(word,): f"use {', '.join(o.FORMATS)} or delimited text" for word in ("AVRO", "ORC", "SHAPEFILE", "FIXEDWIDTH")},
    ("LZOP",): "use GZIP, ZSTD or BZIP2",
    ("ENCRYPTED",): "files of the staging area are not encrypted",
    ("REMOVEQUOTES",): "use CSV",
    ("ACCEPTINVCHARS",): "write the files as UTF-8",
    ("ACCEPTANYDATE",): "mend the dates in the files",
    ("EXPLICIT_IDS",): "leave the IDENTITY column out, or declare it without IDENTITY",
    ("FILLRECORD",): "give every row all its columns",
    ("TRUNCATECOLUMNS",): "declare a longer VARCHAR",
    ("NOLOAD",): "load into a table of the scratch, and drop it",
    ("READRATIO",): "COPY reads files alone, not DynamoDB",
    ("SSH",): "COPY reads files of the staging area alone",
    ("COMPROWS",): "leave it out",
}
_ONLY_TEXT = ("delimiter", "skip", "null_as", "escape", "quote", "skip_blank", "trim", "blanks_null", "empty_null")
_MISFITS = {
    "CSV": ("escape",),
    "JSON": ("delimiter", "skip", "null_as", "escape", "quote", "skip_blank"),
    "PARQUET": (*_ONLY_TEXT, "compression", "date_format", "time_format", "rounds"),
    TEXT: ("quote",),
}


@dataclass(frozen=True)
class Copy:
    """A COPY; `columns` are those of the table that the files have, in their order."""

    columns: tuple[Column, ...]
    place: S3Place
    format: str
    manifest: bool = False
    compression: str = ""
    delimiter: str = ""
    quote: str = '"'
    null_as: str = NULL_TEXT
    skip: int = 0
    escape: bool = False
    skip_blank: bool = False
    blanks_null: bool = False
    empty_null: bool = False
    trim: bool = False
    rounds: bool = False
    ignore_case: bool = False
    notes: tuple[str, ...] = ()


def plan_copy(sql: str, dialect_name: str, home: Place) -> tuple[Copy, Plan]:
    """Read a COPY into a table of the scratch beside an experiment, and plan its rows."""
    dialect: Dialect = DIALECTS[dialect_name]
    if home.scratch is None:
        raise WriteRefused("COPY writes, and no scratch is named", hint="name a scratch")
    scene = Scene(home, home.scratch)
    words = transfer_words(sql, dialect)
    qualifier, name = words.qualified()
    node = exp.Table(this=exp.to_identifier(name))
    if qualifier:
        node.set("db", exp.to_identifier(qualifier))
    table = target_table(node, scene)
    named = [part[0].text for part in words.bracketed()] if words.opens else []
    columns = tuple(column_of(table, name) for name in named)
    columns = columns or tuple(c for c in table.columns if "identity" not in c.properties)
    _refuse_columns(columns, table.columns)
    if not words.take("FROM"):
        raise InvalidSql("COPY has no FROM", hint="write COPY table FROM 's3://bucket/prefix'")
    copied = _read(columns, S3Place.parse(_source(words)), words)
    files = Translation("", dialect.name, scene.home.warehouse, f"files of {copied.place.uri}", notes=copied.notes)
    change = Change(Kind.APPEND, table, tuple(column.name for column in columns), files)
    return copied, Plan(COPY, dialect.name, scene.home.warehouse, changes=(change,))


def _source(words: Words) -> str:
    uri = words.text()
    scheme = uri.partition("://")[0].lower()
    if scheme in ("dynamodb", "emr", "ssh") or not uri.startswith("s3://"):
        raise WriteRefused(f"COPY from {uri[:200]!r}: only files of the staging area are read", hint="name 's3://…'")
    return uri


def _read(columns: tuple[Column, ...], place: S3Place, words: Words) -> Copy:
    words.take("WITH")
    found = o.read_options(words, COPY, {**_HONOURED, ("FORMAT",): ("", _noise)}, _IGNORED, _REFUSED)
    found.pop("", None)
    forms = [form for form in ("csv", "json", "parquet") if found.get(form)]
    if len(forms) > 1:
        raise InvalidSql(f"COPY is {' and '.join(form.upper() for form in forms)}", hint="name one format")
    form = forms[0].upper() if forms else TEXT
    o.refuse_beside(COPY, form, found, _MISFITS)
    found["ignore_case"] = found.get("json") == "auto ignorecase"
    for key in ("csv", "json", "parquet", "date_format", "time_format", "max_error", "encoding"):
        found.pop(key, None)
    found["delimiter"] = found.get("delimiter", "," if form == "CSV" else "|")
    return Copy(columns, place, form, **found)


def _noise(words: Words) -> None:
    """FORMAT AS before the name of a format."""
    words.take("AS")


def _refuse_columns(columns: Sequence[Column], known: Sequence[Column]) -> None:
    names = [column.name for column in columns]
    if twin := twice_in(names):
        raise InvalidSql(f"column {twin!r} is named twice", hint="name it once")
    for column in columns:
        if "identity" in column.properties:
            raise NotTranslatable(f"COPY into the IDENTITY column {column.name}", hint="leave it out: it numbers rows")
    for column in known:
        if "default" in column.properties and column not in columns:
            raise NotTranslatable(
                f"COPY that leaves out {column.name}, which has a DEFAULT", hint="let the files have all columns"
            )
