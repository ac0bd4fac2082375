"""COPY: the files of a place as the rows of a statement, which a plan writes into its table."""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from query_svc.core.faults import FileNotFound, InvalidFile
from query_svc.core.transfers.copy import Copy
from query_svc.core.transfers.places import S3Place
from query_svc.core.types import SqlType
from query_svc.staging import Area
from query_svc.warehouses.arrow_columns import arrow_type
from query_svc.warehouses.reader import Statement, Stop
from query_svc.worker.intake import file_rows

LARGEST_MANIFEST = 16 << 20


class FilesReader:
    """A reader of files."""

    def __init__(self, copied: Copy, area: Area) -> None:
        self._copied, self._area = copied, area

    def run(self, _statement: Statement, stop: Stop) -> "FileRows":
        """Find the files."""
        place = self._copied.place
        self._area.refuse_elsewhere(place, writes=False)
        places = _listed(self._area, place) if self._copied.manifest else _matching(self._area, place)
        return FileRows(self._copied, self._area, places, stop)

    def explain(self, _statement: Statement, _stop: Stop) -> str:
        """Nothing explains files."""
        return ""

    def close(self) -> None:
        """Nothing is kept."""


class FileRows:
    """The rows of all files, one file after the other."""

    def __init__(self, copied: Copy, area: Area, places: list[S3Place], stop: Stop) -> None:
        self._copied, self._area, self._places, self._stop = copied, area, places, stop
        self.columns: tuple[tuple[str, SqlType], ...] = tuple((c.name, c.type) for c in copied.columns)
        self.schema = pa.schema([pa.field(name, arrow_type(kind)) for name, kind in self.columns])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows."""
        for place in self._places:
            with self._area.open(place) as source:
                for batch in file_rows(source, place.uri, self._copied):
                    self._stop.check()
                    yield batch

    def close(self) -> None:
        """Files are open only while they are read."""


def _matching(area: Area, place: S3Place) -> list[S3Place]:
    """Files of a prefix, without those that are hidden."""
    found = [file.place for file in area.found(place)]
    shown = [file for file in found if not file.key.rpartition("/")[2].startswith((".", "_"))]
    if not shown:
        raise FileNotFound(
            f"there are no files below {place.uri}",
            hint="check the prefix; it is case-sensitive",
            metadata={"uri": place.uri},
        )
    manifest = next((file for file in shown if file.key.endswith("manifest") and _is_manifest(area, file)), None)
    if manifest:
        raise InvalidFile(
            f"{manifest.uri} is a manifest among the files of the prefix",
            hint=f"write FROM '{manifest.uri}' … MANIFEST, or a longer prefix",
            metadata={"uri": manifest.uri},
        )
    return shown


def _is_manifest(area: Area, place: S3Place) -> bool:
    try:
        return bool(_entries(area, place))
    except InvalidFile:
        return False


def _listed(area: Area, place: S3Place) -> list[S3Place]:
    """Files that a manifest lists; one that is not there is left out unless it is mandatory, as Redshift does it."""
    places = []
    for entry in _entries(area, place):
        listed = S3Place.parse(str(entry["url"]))
        area.refuse_elsewhere(listed, writes=False)
        there = next((file for file in area.found(listed) if file.place == listed), None)
        size = (entry.get("meta") or {}).get("content_length")
        if there is None and entry.get("mandatory"):
            raise FileNotFound(f"{place.uri} lists {listed.uri}, which is not there", metadata={"uri": listed.uri})
        if there is not None and size is not None and size != there.bytes:
            raise InvalidFile(
                f"{listed.uri} has {there.bytes:,} bytes; {place.uri} says {size}",
                hint="unload again, or mend the manifest",
                metadata={"uri": listed.uri},
            )
        places += [listed] if there else []
    if not places:
        raise FileNotFound(f"none of the files of {place.uri} is there", metadata={"uri": place.uri})
    return places


def _entries(area: Area, place: S3Place) -> list[dict[str, Any]]:
    with area.open(place) as source:
        text = bytes(source.read(LARGEST_MANIFEST))
    try:
        entries = json.loads(text)["entries"]
        if all(isinstance(entry, dict) and isinstance(entry["url"], str) for entry in entries):
            return list(entries)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass  # said below
    raise InvalidFile(
        f"{place.uri} is no manifest",
        hint='write {"entries": [{"url": "s3://bucket/key", "mandatory": true}]}',
        metadata={"uri": place.uri},
    )
