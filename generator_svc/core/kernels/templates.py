"""Text joined from other columns of the row."""

import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from dwsim_wire.fault import InvalidArgument

# Letters that do not decompose into an ASCII letter and its marks.
_SPELLED: Final = {
    "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i",
}  # fmt: skip


def _ascii(texts: pa.Array) -> pa.Array:
    """Spell letters in ASCII: marks go, what has no spelling goes too."""
    if pc.all(pc.string_is_ascii(texts)).as_py() is not False:
        return texts
    for letter, spelling in _SPELLED.items():
        texts = pc.replace_substring(texts, letter, spelling)
    return pc.replace_substring_regex(pc.utf8_normalize(texts, "NFKD"), "[^\\x00-\\x7f]", "")


MODIFIERS: Final[Mapping[str, Callable[[pa.Array], pa.Array]]] = {
    "lower": pc.utf8_lower,
    "upper": pc.utf8_upper,
    "ascii": _ascii,
}


@dataclass(frozen=True, slots=True)
class Field:
    """Text, then a column, changed in order."""

    before: str
    column: str
    modifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """Fields, then text that is kept whole where a value has to be cut."""

    fields: tuple[Field, ...]
    tail: str


def read_template(text: str) -> Template:
    """Read `{first_name:ascii,lower}@{domain}`; a doubled brace is a brace."""
    fields, before = [], ""
    try:
        for literal, name, modifiers, conversion in string.Formatter().parse(text):
            before += literal
            if name is not None:
                fields.append(Field(before, name, _modifiers(text, name, modifiers or "", conversion)))
                before = ""
    except ValueError as error:
        raise InvalidArgument(
            f"template {text!r} cannot be read: {error}",
            hint="name columns in braces, such as {first_name}; write {{ and }} for braces",
        ) from None
    return Template(tuple(fields), before)


class TemplateKernel:
    """Values of a template, of at most `limit` characters (0: any); the tail is never cut."""

    arrow_type: pa.DataType = pa.string()

    def __init__(self, template: Template, limit: int, *, nullable: bool) -> None:
        self._template, self._nulls = template, "emit_null" if nullable else "replace"
        self._room = limit - len(template.tail) if limit else None

    def after(self, sources: Mapping[str, pa.Array], count: int) -> pa.Array:
        """Join the columns that the template names."""
        pieces: list[pa.Array | pa.Scalar] = []
        for field in self._template.fields:
            pieces += [_piece(field.before), _changed(field, sources[field.column])]
        if not self._template.fields:
            return pa.repeat(_piece(self._template.tail), count)
        if self._room is None:
            return self._joined([*pieces, _piece(self._template.tail)])
        return self._joined([pc.utf8_slice_codeunits(self._joined(pieces), 0, self._room), _piece(self._template.tail)])

    def _joined(self, pieces: Sequence[pa.Array | pa.Scalar]) -> pa.Array:
        return pc.binary_join_element_wise(*pieces, _piece(""), null_handling=self._nulls, null_replacement="")


def _piece(text: str) -> pa.Scalar:
    return pa.scalar(text, pa.string())


def _changed(field: Field, array: pa.Array) -> pa.Array:
    texts = array.cast(pa.string())
    for name in field.modifiers:
        texts = MODIFIERS[name](texts)
    return texts


def _modifiers(text: str, column: str, modifiers: str, conversion: str | None) -> tuple[str, ...]:
    names = tuple(name.strip() for name in modifiers.split(",")) if modifiers else ()
    unknown = [name for name in names if name not in MODIFIERS]
    if unknown or conversion:
        wrong = repr(unknown[0]) if unknown else f"'!{conversion}'"
        raise InvalidArgument(
            f"template {text!r} changes {column!r} by {wrong}", hint=f"it may be changed by {', '.join(MODIFIERS)}"
        )
    return names
