"""Patterns in DuckDB's spelling (RE2), written from what the engine has read: it means the same to both."""

from generator_svc.core.kernels.pattern_syntax import Characters, Either, Joined, Pattern, Repeated


def spelled(pattern: Pattern) -> str:
    """Expression of a pattern."""
    match pattern:
        case Characters(choices):
            return _class(choices)
        case Joined(parts):
            return "".join(map(spelled, parts))
        case Either(options):
            return f"(?:{'|'.join(map(spelled, options))})"
        case Repeated(part, least, most):
            return f"(?:{spelled(part)}){{{least},{most}}}"


def _class(choices: str) -> str:
    """One of some characters, those that follow each other as ranges."""
    ranges: list[tuple[int, int]] = []
    for code in map(ord, choices):
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], code)
        else:
            ranges.append((code, code))
    return f"[{''.join(_character(a) if a == b else f'{_character(a)}-{_character(b)}' for a, b in ranges)}]"


def _character(code: int) -> str:
    return chr(code) if chr(code).isascii() and chr(code).isalnum() else f"\\x{{{code:x}}}"
