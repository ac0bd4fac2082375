"""Hints are true: every `dw-sim …` that a message names is a command that exists, with options that it takes."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from dwsim_cli.main import app

ROOT = Path(__file__).parents[2]
PACKAGES = ("schema_svc", "generator_svc", "loader_svc", "query_svc", "dwsim_wire", "local_stack", "clients/cli")
VALUE = "VALUE"
NAMED = "`dw-sim "


def texts(tree: ast.AST) -> Iterator[str]:
    """String literals; what an f-string puts in is VALUE."""
    inside = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else VALUE for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inside:
            yield node.value


def named_commands() -> set[str]:
    """Every command line between backquotes."""
    found: set[str] = set()
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            source = file.read_text(encoding="utf-8")
            if NAMED in source:
                for text in texts(ast.parse(source)):
                    found |= set(re.findall(rf"{NAMED}([^`]*)`", text))
    return found


@pytest.mark.parametrize("line", sorted(named_commands()))
def test_a_command_that_a_message_names_exists(line: str) -> None:
    """A hint that fails is worse than none."""
    command = get_command(app)
    words = line.split()
    while words and isinstance(command, typer.core.TyperGroup) and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    assert not (words and isinstance(command, typer.core.TyperGroup)), f"`dw-sim {line}` is no command"
    options = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= options


def test_hints_are_found() -> None:
    """A test of nothing passes always."""
    assert len(named_commands()) > 10
