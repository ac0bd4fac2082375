"""UNLOAD, read: the query, the place of its files, and how they are written."""

from dataclasses import dataclass

from query_svc.core.dialects import Dialect
from query_svc.core.faults import InvalidSql, NotTranslatable
from query_svc.core.transfers import options as o
from query_svc.core.transfers.places import S3Place
from query_svc.core.transfers.text import UNLOAD, transfer_words
from query_svc.core.writes.words import Words, text_of, unexpected

TEXT = "TEXT"
_HONOURED: o.Honoured = {
    ("FORMAT",): ("format", o.format_name),
    **{(name,): ("format", o.constant(name)) for name in o.FORMATS},
    **{(name,): ("compression", o.constant(codec)) for name, codec in o.COMPRESSIONS.items()},
    ("HEADER",): ("header", o.constant(True)),
    ("DELIMITER",): ("delimiter", o.character),
    ("NULL",): ("null_as", o.text),
    ("ESCAPE",): ("escape", o.constant(True)),
    ("PARALLEL",): ("parallel", o.on_or_off),
    ("MANIFEST",): ("manifest", o.constant(True)),
    ("ALLOWOVERWRITE",): ("overwrite", o.constant(True)),
    ("MAXFILESIZE",): ("file_bytes", o.file_bytes),
    ("PARTITION", "BY"): ("partition", o.names),
    ("INCLUDE",): ("include", o.constant(True)),
    ("EXTENSION",): ("extension", o.text),
}
_IGNORED: o.Honoured = {("REGION",): ("the staging area is at one place", o.text)}
_REFUSED: o.Phrases = {
    ("FIXEDWIDTH",): "use FORMAT CSV or PARQUET",
    ("ADDQUOTES",): "use FORMAT CSV",
    ("CLEANPATH",): "use ALLOWOVERWRITE, or a prefix without files",
    ("MANIFEST", "VERBOSE"): "use MANIFEST, which tells every file's size",
    ("ROWGROUPSIZE",): "leave it out: row groups have about 16 MB",
    **{(word,): "files of the staging area are not encrypted" for word in ("ENCRYPTED", "KMS_KEY_ID")},
    ("MASTER_SYMMETRIC_KEY",): "files of the staging area are not encrypted",
}
_MISFITS = {
    "CSV": ("escape",),
    "JSON": ("escape", "header", "delimiter", "null_as"),
    "PARQUET": ("escape", "header", "delimiter", "null_as", "compression"),
}
_DELIMITERS = {"CSV": ",", TEXT: "|"}
_ENDINGS = {"": "", "gzip": ".gz", "zstd": ".zst", "bz2": ".bz2"}


@dataclass(frozen=True)
class Unload:
    """An UNLOAD; `query` has its text at its place, so that faults point to it."""

    query: str
    place: S3Place
    format: str
    ending: str
    compression: str = ""
    delimiter: str = ""
    null_as: str = ""
    header: bool = False
    escape: bool = False
    parallel: bool = True
    manifest: bool = False
    overwrite: bool = False
    file_bytes: int = o.LARGEST_FILE
    partition: tuple[str, ...] = ()
    include: bool = False
    notes: tuple[str, ...] = ()

    def file_name(self, number: int) -> str:
        """Name of a file behind the prefix, as Redshift counts them."""
        return (f"0000_part_{number:02d}" if self.parallel else f"{number:03d}") + self.ending


def read_unload(sql: str, dialect: Dialect) -> Unload:
    """Read `UNLOAD ('query') TO 's3://…' options`."""
    words = transfer_words(sql, dialect)
    query = _query(words, sql)
    if not words.take("TO"):
        raise InvalidSql("UNLOAD has no TO", hint="write UNLOAD ('SELECT …') TO 's3://bucket/prefix'")
    place = S3Place.parse(words.text())
    found = o.read_options(words, UNLOAD, _HONOURED, _IGNORED, _REFUSED)
    form = found.pop("format", TEXT)
    o.refuse_beside(UNLOAD, form, found, _MISFITS)
    if found.get("include") and "partition" not in found:
        raise InvalidSql("INCLUDE stands without PARTITION BY", hint="write PARTITION BY (column) INCLUDE")
    if found.get("partition") and form != "PARQUET" and found.get("header"):
        raise NotTranslatable("UNLOAD with PARTITION BY and HEADER", hint="leave one of them out")
    found["file_bytes"] = min(found.get("file_bytes", o.LARGEST_FILE), o.LARGEST_FILE)
    found["delimiter"] = found.get("delimiter", _DELIMITERS.get(form, ""))
    ending = _ending(found.pop("extension", None), form, found.get("compression", ""))
    return Unload(query, place, form, ending, **found)


def _query(words: Words, sql: str) -> str:
    parts = words.bracketed()
    if len(parts) != 1 or len(parts[0]) != 1:
        token = parts[1][0] if len(parts) > 1 else parts[0][1] if parts and len(parts[0]) > 1 else None
        raise unexpected(token) if token else InvalidSql("UNLOAD has no query", hint="write UNLOAD ('SELECT …') TO …")
    inner = Words(parts[0], sql)
    query = inner.text()
    written = text_of(parts[0], sql)
    opening = 2 if written.startswith("$$") else 1
    before = sql[: parts[0][0].start + opening]
    return "".join(c if c == "\n" else " " for c in before) + query


def _ending(extension: str | None, form: str, compression: str) -> str:
    if extension is None:
        return ".parquet" if form == "PARQUET" else _ENDINGS[compression]
    if not extension.replace(".", "").replace("_", "").isalnum() or len(extension) > 40 or ".." in extension:
        raise InvalidSql(f"{extension[:60]!r} cannot be an EXTENSION", hint="use letters, digits and single dots")
    return extension if extension.startswith(".") else f".{extension}"
