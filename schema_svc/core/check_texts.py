"""Rules of texts and choices: patterns that are served, columns that templates name, levels of hierarchies."""

import re
import string
import warnings
from collections.abc import Iterator, Sequence
from typing import Final

from dwsim_wire.faker_names import locale_name, provider_name, unknown
from schema_svc.core.faults import RuleMisfit, UnknownProvider
from schema_svc.core.names import did_you_mean
from schema_svc.core.problems import Problem
from schema_svc.core.rules import HierarchyNode, Rule

MODIFIERS: Final = ("ascii", "lower", "upper")
_TOKEN: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?P<\w+>|\(\?:|\(\?|\{\d*,?\d*\}|.", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES: Final = "dwsDWStnrfvxuU"
_REPEATS: Final = ("*", "+", "?")
_INSTEAD_OF_PROXIES: Final = {
    "unique": "set is_unique on the column",
    "optional": "set null_fraction on the column",
}
_MOST_REPEATS: Final = 1000
_SERVED: Final = r"served are literals, escapes, classes, groups, |, *, +, ? and {m,n}, such as [A-Z]{3}-\d{4}"


def check_text_rules(rule: Rule, column: str, table: Sequence[str], place: str) -> Iterator[Problem]:
    """Everything of a text rule that cannot be made; `table` are the names of the table's columns."""
    if rule.pattern:
        yield from _check_pattern(rule.pattern.expression, f"{place}.expression")
    if rule.template:
        yield from _check_template(rule.template.template, column, table, f"{place}.template")
    if rule.hierarchy and rule.hierarchy.roots:
        yield from _check_levels(rule.hierarchy.roots, rule.hierarchy.level, (), f"{place}.level")
    if rule.faker:
        yield from check_provider(rule.faker.provider, rule.faker.locale, place)
    if rule.json_object:
        names = [member.name for member in rule.json_object.members]
        for m, name in enumerate(names):
            if name in names[:m]:
                yield _misfit(f"{place}.members[{m}].name", f"there are two members {name!r}")


def check_provider(provider: str, locale: str, place: str, field: str = ".provider") -> Iterator[Problem]:
    """Whether Faker has a provider, and its locale; `field` names the provider within `place`."""
    facts = (("provider", provider),)
    proxy = provider.strip().removeprefix("faker.").removeprefix("fake.").partition(".")[0]
    if proxy in _INSTEAD_OF_PROXIES:
        message = f"{proxy} is no part of a provider's name here"
        yield Problem(f"{place}{field}", message, _INSTEAD_OF_PROXIES[proxy], UnknownProvider, facts)
    wrong = unknown(provider_name(provider), locale_name(locale))
    if wrong:
        path = f"{place}.locale" if wrong.locale else f"{place}{field}"
        yield Problem(path, wrong.message, wrong.hint, UnknownProvider, facts)


def _misfit(path: str, message: str, hint: str = "") -> Problem:
    return Problem(path, message, hint, RuleMisfit)


def _check_pattern(expression: str, path: str) -> Iterator[Problem]:
    try:
        with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of sets in sets: none are served
            re.compile(expression)
    except (re.error, RecursionError, OverflowError) as error:
        why = "it nests too deeply" if isinstance(error, RecursionError) else str(error)
        yield _misfit(path, f"it is no regular expression: {why}", _SERVED)
        return
    if not expression:
        yield _misfit(path, "a pattern needs an expression", _SERVED)
        return
    found = next(_not_served(expression), None)
    if found:
        yield _misfit(path, f"a pattern with {found} is not served", _SERVED)


def _not_served(expression: str) -> Iterator[str]:
    """Name what asks about a text instead of describing one."""
    depth, before, repeated = 0, "", False
    for token in _TOKEN.finditer(expression):
        mark = token[0]
        depth += mark.startswith("(") - (mark == ")")
        if mark == "(?":
            yield f"{expression[token.start() : token.start() + 4]!r}"
        for escape in _ESCAPE.findall(mark) if mark[0] in "\\[" else ():
            if escape.isalnum() and escape not in _ESCAPES:
                yield f"\\{escape}"
        if mark[0] == "[" and re.search(r"\[:\^?[a-z]+:\]$", _ESCAPE.sub("", mark)[1:]):
            yield "a class by its POSIX name"
        if mark in "^$":
            beside = before if mark == "^" else expression[token.end() : token.end() + 1]
            if depth or beside not in ("", "|"):
                yield f"an anchor {mark} in its middle"
        if mark == "+" and repeated:
            yield "a possessive repetition"
        if re.fullmatch(r"\{\d*,?\d*\}", mark) and any(int(n) > _MOST_REPEATS for n in re.findall(r"\d+", mark)):
            yield f"more than {_MOST_REPEATS} repeats"
        repeated = mark in _REPEATS or (mark.startswith("{") and len(mark) > 1)
        before = mark


def _check_template(template: str, column: str, table: Sequence[str], path: str) -> Iterator[Problem]:
    try:
        fields = [field for field in string.Formatter().parse(template) if field[1] is not None]
    except ValueError as error:
        yield _misfit(path, f"the template cannot be read: {error}", "write {{ and }} for braces")
        return
    for _, name, modifiers, conversion in fields:
        if name == column or name not in table:
            others = [other for other in table if other != column]
            yield _misfit(path, f"there is no other column {name!r}", did_you_mean(name or "", others))
        for modifier in (modifiers or "").split(",") if modifiers else ():
            if modifier.strip() not in MODIFIERS:
                hint = f"a column may be changed by {', '.join(MODIFIERS)}"
                yield _misfit(path, f"{name!r} cannot be changed by {modifier.strip()!r}", hint)
        if conversion:
            yield _misfit(path, f"{name!r} cannot be changed by '!{conversion}'", "write {name:lower}")


def _check_levels(nodes: Sequence[HierarchyNode], level: int, above: tuple[str, ...], path: str) -> Iterator[Problem]:
    """The first path that is too short for the column's level."""
    for node in nodes:
        values = (*above, str(node.value))
        if node.children:
            found = next(_check_levels(node.children, level, values, path), None)
        else:
            found = (
                _misfit(path, f"the path {' > '.join(values)} has no level {level}") if level >= len(values) else None
            )
        if found:
            yield found
            return
