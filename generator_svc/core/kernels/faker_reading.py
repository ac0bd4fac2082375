"""Faker's methods, read as grammars: a method that only draws from lists and formats becomes a phrase.

The source of the method is evaluated with draws in the place of values, so it covers whatever a locale overrides and
follows the pinned Faker by itself. What is not of the few forms known here is `Unreadable` and stays a pool.
"""

import ast
import inspect
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from generator_svc.core.kernels.faker_calls import (
    COMPARISONS,
    DRAWS,
    FUNCTIONS,
    OF_TEXT,
    RANDOM,
    added,
    moment,
    percent,
)
from generator_svc.core.kernels.faker_draws import (
    Options,
    Pieces,
    Unreadable,
    as_text,
    changed,
    first_piece,
    is_drawn,
    joined,
    listed,
    masked,
    mixed,
    numbered_marks,
    options,
    repeated,
)
from generator_svc.core.kernels.faker_slugs import SLUGS
from generator_svc.core.kernels.faker_source import Generator, Once, Random, Self, constants, definition_of
from generator_svc.core.kernels.grammar import Phrase

_MOST_FORKS: Final = 10_000
_MOST_LISTED: Final = 100
_MOST_LOCALES: Final = 1_000
_MOST_STEPS: Final = 500_000
_FAULTS: Final = (Unreadable, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
_DEPTH: Final = 12
Scope = dict[str, Any]


class MethodReader:
    """Reads methods of one locale's generator."""

    def __init__(self, generator: Any) -> None:
        self._generator = generator
        self._read: dict[str, Any] = {}
        self._depth = self._steps = 0

    def phrase(self, name: str) -> Phrase | None:
        """Text of a method called without arguments; None if it is more than lists and formats."""
        self._depth = self._steps = 0
        try:
            text = as_text(self.method(name))
        except _FAULTS:
            return None
        forms = tuple(form for form in text.folded().forms if form.parts)
        return numbered_marks(Phrase(forms)) if forms else None

    def method(self, name: str) -> Any:
        """Value of a generator's method."""
        if name not in self._read:
            method = getattr(self._generator, name, None)
            if not inspect.ismethod(method):
                raise Unreadable(f"no method {name}")
            known = getattr(method.__self__, "word_list", None) if name == "word" else None
            value = options(known) if known else self.call(method, [], {})
            self._read[name] = listed(value, _MOST_LOCALES) if name == "locale" else value
        return self._read[name]

    def step(self) -> None:
        """Count an expression, and give up where forks would take for ever."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise Unreadable("too many forks")

    def parse(self, template: str) -> Phrase:
        """Read `{{tokens}}` of a format."""
        pieces: list[Any] = []
        for number, text in enumerate(template.split("{{")):
            symbol, end, rest = text.partition("}}") if number else ("", "", text)
            pieces += [self.method(symbol.strip()), rest] if end else [text]
        return as_text(joined(pieces))

    def call(self, method: Any, arguments: list[Any], named: Scope) -> Any:
        """Value of a bound method."""
        if self._depth > _DEPTH:
            raise Unreadable("too deep")
        function = inspect.unwrap(method.__func__)
        definition = definition_of(function)
        bound = inspect.signature(function).bind(Self(method.__self__), *arguments, **named)
        bound.apply_defaults()
        if any(is_drawn(value) for value in bound.arguments.values()):
            raise Unreadable("an argument is drawn")
        self._depth += 1
        try:
            value = _Body(self, function.__globals__).run(definition.body, dict(bound.arguments))
        finally:
            self._depth -= 1
        for decorator in reversed(definition.decorator_list):
            if not isinstance(decorator, ast.Name) or decorator.id not in SLUGS:
                raise Unreadable("a decorator")
            value = changed(value, SLUGS[decorator.id])
        return value


class _Body:
    """Statements of one method."""

    def __init__(self, reader: MethodReader, names: Mapping[str, Any]) -> None:
        self._reader, self._globals = reader, names

    def run(self, statements: list[ast.stmt], scope: Scope) -> Any:
        """Evaluate statements until one returns."""
        if not statements:
            raise Unreadable("no value is returned")
        first, rest = statements[0], statements[1:]
        match first:
            case ast.Expr(value=ast.Constant()):
                return self.run(rest, scope)
            case ast.Return(value=ast.expr() as value):
                return self.value(value, scope)
            case ast.If():
                return self.run((first.body if self._fixed(first.test, scope) else first.orelse) + rest, scope)
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                return self._bind(name, self.value(value, scope), rest, scope)
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value):
                longer = added(self.name(ast.Name(id=name), scope), self.value(value, scope))
                return self.run(rest, scope | {name: longer})
            case ast.For(target=ast.Name(id=name), orelse=[]):
                return self._loop(first, name, rest, scope)
            case _:
                raise Unreadable(f"the statement {type(first).__name__}")

    def _bind(self, name: str, value: Any, rest: list[ast.stmt], scope: Scope) -> Any:
        """Go on with a value; with each value of a draw that is used again, or decided on."""
        if not is_drawn(value):
            return self.run(rest, scope | {name: value})
        used = {known: once.used for known, once in scope.items() if isinstance(once, Once)}
        try:
            return self.run(rest, scope | {name: Once(value)})
        except _FAULTS:
            forks = listed(value, _MOST_FORKS if isinstance(value, Options) else _MOST_LISTED)
            if forks is None or len(forks.values) > _MOST_LISTED:
                try:
                    return self._repeat(name, value, rest, scope, used)
                except _FAULTS:
                    if forks is None:
                        raise
        made: list[tuple[Any, float]] = []
        for each, weight in forks.values:
            for known, before in used.items():
                scope[known].used = before
            made.append((self.run(rest, scope | {name: each}), weight))
        return mixed(made)

    def _repeat(self, name: str, value: Any, rest: list[ast.stmt], scope: Scope, used: dict[str, bool]) -> Any:
        """Go on with a text that is the same wherever it stands, but cannot be decided on."""
        for known, before in used.items():
            scope[known].used = before
        return self.run(rest, scope | {name: repeated(value)})

    def _loop(self, loop: ast.For, name: str, rest: list[ast.stmt], scope: Scope) -> Any:
        items = self.value(loop.iter, scope)
        if is_drawn(items):
            raise Unreadable("a loop over a draw")
        target = ast.Name(id=name, ctx=ast.Store())
        unrolled: list[ast.stmt] = []
        for item in items:
            unrolled += [ast.Assign(targets=[target], value=ast.Constant(value=item)), *loop.body]
        return self.run(unrolled + rest, scope)

    def _fixed(self, node: ast.expr, scope: Scope) -> Any:
        value = self.value(node, scope)
        if is_drawn(value):
            raise Unreadable("a decision on a draw")
        return value

    def value(self, node: ast.expr, scope: Scope) -> Any:
        """Evaluate an expression."""
        self._reader.step()
        maker = _EXPRESSIONS.get(type(node))
        if maker is None:
            raise Unreadable(f"the expression {type(node).__name__}")
        return maker(self, node, scope)

    def name(self, node: ast.Name, scope: Scope) -> Any:
        """Look a name up."""
        found = scope.get(node.id)
        if isinstance(found, Once):
            if found.used:
                raise Unreadable(f"{node.id} is drawn once and used again")
            found.used = True
            return found.draw
        if node.id in scope:
            return found
        if node.id in self._globals:
            return self._globals[node.id]
        if node.id in {"getattr", "hasattr", "map", *FUNCTIONS}:
            return node.id
        raise Unreadable(f"the name {node.id}")

    def attribute(self, node: ast.Attribute, scope: Scope) -> Any:
        """Read an attribute of the provider, its generator or a module of constants."""
        owner = self.value(node.value, scope)
        if isinstance(owner, Self):
            if node.attr == "generator":
                return Generator()
            if not hasattr(owner.provider, node.attr):
                raise Unreadable(f"no attribute {node.attr}")
            return getattr(owner.provider, node.attr)
        if isinstance(owner, Generator) and node.attr == "random":
            return Random()
        if isinstance(owner, Options):
            return owner.mapped(lambda each: getattr(each, node.attr))
        if not is_drawn(owner) and not node.attr.startswith("_"):
            return getattr(owner, node.attr)
        raise Unreadable(f"the attribute {node.attr}")

    def call(self, node: ast.Call, scope: Scope) -> Any:
        """Evaluate a call: of a method of Faker's, of text, or one of a few functions."""
        arguments = [self.value(each, scope) for each in node.args if not isinstance(each, ast.Lambda)]
        named = {each.arg: self.value(each.value, scope) for each in node.keywords if each.arg}
        if not isinstance(node.func, ast.Attribute):
            return self._function(self.value(node.func, scope), arguments)
        if isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.func.attr == "sub":
            return self._substituted(node, arguments, scope)
        owner, name = self.value(node.func.value, scope), node.func.attr
        if isinstance(owner, Self):
            return self._own(owner, name, arguments, named)
        if isinstance(owner, Generator):
            return self._of_generator(name, arguments, named)
        if isinstance(owner, Random) and name in RANDOM:
            return RANDOM[name](*arguments)
        if name not in {"join", "format"} and any(is_drawn(each) for each in arguments):
            raise Unreadable("an argument is drawn")
        if name in OF_TEXT and not named:
            return OF_TEXT[name](owner, *arguments)
        raise Unreadable(f"the call of {name}")

    def _own(self, owner: Self, name: str, arguments: list[Any], named: Scope) -> Any:
        if name in DRAWS:
            return DRAWS[name](*arguments, **named)
        method = getattr(owner.provider, name, None)
        if name == "_to_ascii" and method:
            return changed(arguments[0], method)
        if not inspect.ismethod(method):
            raise Unreadable(f"no method {name}")
        return self._reader.call(method, arguments, named)

    def _of_generator(self, name: str, arguments: list[Any], named: Scope) -> Any:
        if name == "parse":
            (template,) = arguments
            if isinstance(template, Options):
                return mixed([(self._reader.parse(each), weight) for each, weight in template.values])
            return self._reader.parse(template)
        if name == "format" and not named:
            (name,), arguments = arguments, []
        if name == "date_time_between":
            return moment(*arguments)
        if arguments or named:
            raise Unreadable(f"{name} with arguments")
        return self._reader.method(name)

    def _function(self, function: Any, arguments: list[Any]) -> Any:
        """Call a method that was looked up, or a function of fixed values."""
        if inspect.ismethod(function):
            return self._reader.call(function, arguments, {})
        match function, arguments:
            case "map", ["str", values]:
                return [as_text(each) for each in values]
            case "str", [value] if is_drawn(value):
                return value
            case "getattr" | "hasattr", [Self() as owner, str(name)]:
                return getattr(owner.provider, name) if function == "getattr" else hasattr(owner.provider, name)
        if any(is_drawn(value) for value in arguments):
            raise Unreadable("an argument is drawn")
        if isinstance(function, type) and function.__module__ == "datetime":
            return function(*arguments)
        if isinstance(function, str) and function in FUNCTIONS:
            return FUNCTIONS[function](*arguments)
        raise Unreadable("a function")

    def _substituted(self, node: ast.Call, arguments: list[Any], scope: Scope) -> Any:
        """Evaluate `re.sub(r"\\?", lambda x: self.random_element(letters), text)`."""
        match node.args, arguments:
            case [_, ast.Lambda(body=ast.Call(args=[letters])), _], [r"\?", text]:
                return masked(text, self.value(letters, scope), numbers=False)
        raise Unreadable("a substitution")

    def subscript(self, node: ast.Subscript, scope: Scope) -> Any:
        """Take a part of a value, or of every value of a draw."""
        owner, index = self.value(node.value, scope), self._index(node.slice, scope)
        if isinstance(owner, Options):
            return owner.mapped(lambda each: each[index])
        if isinstance(owner, Pieces) and index == 0:
            return first_piece(owner)
        if is_drawn(owner) or is_drawn(index):
            raise Unreadable("a part of a text")
        return owner[index]

    def _index(self, node: ast.expr, scope: Scope) -> Any:
        if isinstance(node, ast.Slice):
            ends = (node.lower, node.upper, node.step)
            return slice(*(self._fixed(end, scope) if end else None for end in ends))
        return self.value(node, scope)

    def binary(self, node: ast.BinOp, scope: Scope) -> Any:
        """Evaluate +, - and * of fixed values, + of texts, and % of a template."""
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        match node.op:
            case ast.Add():
                return added(left, right)
            case ast.Mod() if isinstance(left, str):
                return percent(left, right if isinstance(right, tuple) else (right,))
            case ast.Sub() | ast.Mult() if not is_drawn(right):
                change = operator.sub if isinstance(node.op, ast.Sub) else operator.mul
                return (
                    left.mapped(lambda each: change(each, right)) if isinstance(left, Options) else change(left, right)
                )
        raise Unreadable("an operation")

    def text(self, node: ast.JoinedStr, scope: Scope) -> Any:
        """Evaluate an f-string."""
        return joined([self._formatted(each, scope) for each in node.values])

    def _formatted(self, node: ast.expr, scope: Scope) -> Phrase:
        if not isinstance(node, ast.FormattedValue):
            return as_text(self.value(node, scope))
        spec = "".join(str(each.value) for each in constants(node.format_spec))
        return as_text(self.value(node.value, scope), spec)

    def compare(self, node: ast.Compare, scope: Scope) -> Any:
        """Compare fixed values."""
        left, right = self._fixed(node.left, scope), self._fixed(node.comparators[0], scope)
        (operation,) = node.ops
        return COMPARISONS[type(operation)](left, right)

    def comprehension(self, node: ast.ListComp | ast.GeneratorExp, scope: Scope) -> list[Any]:
        """Evaluate one loop over fixed items."""
        (loop,) = node.generators
        if not isinstance(loop.target, ast.Name) or loop.ifs:
            raise Unreadable("a comprehension")
        return [self.value(node.elt, scope | {loop.target.id: item}) for item in self._fixed(loop.iter, scope)]

    def branch(self, node: ast.IfExp, scope: Scope) -> Any:
        """Evaluate `a if condition else b`."""
        test = self.value(node.test, scope)
        if isinstance(test, Options):
            return mixed([(self.value(node.body if each else node.orelse, scope), w) for each, w in test.values])
        return self.value(node.body if test else node.orelse, scope)

    def either(self, node: ast.BoolOp, scope: Scope) -> Any:
        """Evaluate `and` and `or` of fixed values."""
        for each in node.values:
            if bool(value := self._fixed(each, scope)) == isinstance(node.op, ast.Or):
                break
        return value

    def negation(self, node: ast.UnaryOp, scope: Scope) -> Any:
        """Evaluate `not`, and a number's sign."""
        value = self.value(node.operand, scope)
        change = operator.not_ if isinstance(node.op, ast.Not) else operator.neg
        return value.mapped(change) if isinstance(value, Options) else change(value)

    def sequence(self, node: ast.Tuple | ast.List, scope: Scope) -> tuple[Any, ...]:
        """Evaluate the members of a tuple or list."""
        return tuple(self.value(each, scope) for each in node.elts)


_EXPRESSIONS: Final[Mapping[type[ast.expr], Callable[[_Body, Any, Scope], Any]]] = {
    ast.Constant: lambda _, node, __: node.value,
    ast.Name: _Body.name,
    ast.Attribute: _Body.attribute,
    ast.Call: _Body.call,
    ast.Subscript: _Body.subscript,
    ast.BinOp: _Body.binary,
    ast.JoinedStr: _Body.text,
    ast.Compare: _Body.compare,
    ast.ListComp: _Body.comprehension,
    ast.GeneratorExp: _Body.comprehension,
    ast.IfExp: _Body.branch,
    ast.Tuple: _Body.sequence,
    ast.List: _Body.sequence,
    ast.BoolOp: _Body.either,
    ast.UnaryOp: _Body.negation,
}
