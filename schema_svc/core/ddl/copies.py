"""Tables that take their columns from another one of the text: LIKE, CLONE, INHERITS."""

from collections.abc import Collection

from schema_svc.core.ddl.cursor import Cursor, TableName, UnreadableSql
from schema_svc.core.ddl.draft import Drafts, TableDraft
from schema_svc.core.names import words

_WRITE_THEM = "define the other table above, or write its columns out"
_ALL = frozenset(
    words("DEFAULTS CONSTRAINTS INDEXES IDENTITY GENERATED COMMENTS STORAGE COMPRESSION STATISTICS ENCODING SORTKEY")
)
_ALWAYS = frozenset({"ENCODING", "SORTKEY"})
_OWN = frozenset({"kind", "as_select", "inherits"})
"""Properties of the other table that a copy does not take."""
_NEEDS = {
    "default": "DEFAULTS",
    "identity": "IDENTITY",
    "computed": "GENERATED",
    "comment": "COMMENTS",
    "encode": "ENCODING",
}
"""Properties of columns, and what LIKE must include for them."""


def copy_whole(cursor: Cursor, draft: TableDraft, drafts: Drafts) -> None:
    """Read `LIKE t` or `CLONE t` behind a table's name: columns, keys and properties are those of `t`."""
    source = _source(cursor, drafts)
    copied = source.copy()
    draft.columns, draft.keys = copied.columns, copied.keys
    kept = {name: value for name, value in copied.properties.items() if name not in _OWN}
    draft.properties = {**kept, **draft.properties}


def copy_columns(element: Cursor, draft: TableDraft, drafts: Drafts) -> None:
    """Read `LIKE t [INCLUDING …]` among the columns; defaults and keys come only where they are included."""
    element.expect("LIKE")
    source = _source(element, drafts)
    included = set(_ALWAYS)
    while word := element.accept_any("INCLUDING", "EXCLUDING"):
        what = element.take().word
        chosen = _ALL if what == "ALL" else {what}
        included = included | chosen if word == "INCLUDING" else included - chosen
    element.finish("after LIKE")
    _add(source, draft, included)


def inherit(draft: TableDraft, parents: Cursor, drafts: Drafts) -> None:
    """Put the columns of `INHERITS (t, …)` before the table's own."""
    own, draft.columns = draft.columns, []
    for parent in parents.parts():
        _add(_source(parent, drafts), draft, _ALL - {"INDEXES"})
    named = {column.name for column in own}
    draft.columns = [column for column in draft.columns if column.name not in named] + own


def _source(cursor: Cursor, drafts: Drafts) -> TableDraft:
    offset = cursor.offset
    name: TableName = cursor.qualified_name()
    found = drafts.find(name)
    if found is None:
        raise UnreadableSql(f"table {name.name!r}, which is copied, is not defined above", offset, _WRITE_THEM)
    return found


def _add(source: TableDraft, draft: TableDraft, included: Collection[str]) -> None:
    copied = source.copy()
    for column in copied.columns:
        for name, needed in _NEEDS.items():
            if needed not in included:
                column.properties.pop(name, None)
        if "IDENTITY" not in included:
            column.rule = None
        column.required = column.required or column.name in copied.keys.primary_key
    draft.columns += copied.columns
    if "INDEXES" in included:
        draft.keys.primary_key = draft.keys.primary_key or copied.keys.primary_key
        draft.keys.unique_keys += copied.keys.unique_keys
    if "CONSTRAINTS" in included:
        draft.keys.checks += [check for check in copied.keys.checks if check not in draft.keys.checks]
    for name in ("distkey", "diststyle", "sortkey", "sortkey_style"):
        if name in copied.properties:
            draft.properties.setdefault(name, copied.properties[name])
