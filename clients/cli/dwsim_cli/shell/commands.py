"""The shell's own words, as psql has them."""

COMMANDS = {
    "\\d": "[TABLE]: the tables, or the columns of one",
    "\\dt": "the tables",
    "\\c": "NAME: another experiment",
    "\\x": "one row below the other, or not",
    "\\timing": "times behind every result, or not",
    "\\translate": "SQL: the warehouse's form, and how faithful it is",
    "\\explain": "SQL: the warehouse's plan",
    "\\i": "FILE: run the statements of a file",
    "\\?": "these words; .help too",
    "\\q": "leave; quit, exit and Ctrl-D too",
}
SYNONYMS = {"help": "\\?", ".help": "\\?", "\\h": "\\?", "quit": "\\q", "exit": "\\q", ".quit": "\\q", ".exit": "\\q"}


def read_command(text: str) -> tuple[str, str]:
    """Word of a command and what follows it; a semicolon at its end means nothing."""
    word, _, rest = text.strip().partition(" ")
    word = word.rstrip(";").lower()
    return SYNONYMS.get(word, word), rest.strip().rstrip(";").strip()
