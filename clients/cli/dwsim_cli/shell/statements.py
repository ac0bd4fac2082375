"""Where statements end: at a semicolon that is in no text, name or comment."""

import re

_INSIDE = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]*(?:\n|$) | /\*.*?\*/ | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$""",
    re.DOTALL | re.VERBOSE,
)
_MARK = re.compile(r"""['";]|--|/\*|\$\w*\$""")
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
WORDS = frozenset({"quit", "exit", "help"})


def split(text: str) -> tuple[list[str], str]:
    """Statements that have ended, and what follows them."""
    statements: list[str] = []
    start = place = 0
    while mark := _MARK.search(text, place):
        if mark[0] == ";":
            statements.append(text[start : mark.start()].strip())
            start = place = mark.end()
        elif inside := _INSIDE.match(text, mark.start()):
            place = inside.end()
        else:
            break
    return [statement for statement in statements if not is_blank(statement)], text[start:]


def is_blank(text: str) -> bool:
    """Whether nothing but blanks and comments is there."""
    return not _COMMENTS.sub("", text).strip()


def is_command(text: str) -> bool:
    """Whether the text is for the shell itself: `\\d`, `.help`, `quit`."""
    return text.lstrip().startswith(("\\", ".")) or text.strip().rstrip(";").lower() in WORDS


def is_whole(text: str) -> bool:
    """Whether Enter sends the text instead of going to its next line."""
    return is_command(text) or is_blank(split(text)[1])
