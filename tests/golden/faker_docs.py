"""docs/faker.md, made of what the engine reads from Faker: what the page says is what a column gets."""

from pathlib import Path

from dwsim_wire.faker_names import provider_names
from generator_svc.core.kernels.faker_natives import EMAILS, LOCALES, READ
from generator_svc.core.kernels.faker_pools import POOL_DRAWS
from generator_svc.core.kernels.providers import native_providers

FILE = Path(__file__).parents[2] / "docs" / "faker.md"
HEAD = f"""# Which methods of Faker are kernels

A kernel draws from Faker's own lists and formats, as often as Faker does, at the speed of the other rules, and has as
many values as these have. It is read from the source of Faker's method in its locale; a method that does more there
than draw from lists and formats comes from a pool of {POOL_DRAWS:,} values instead, as does a method with arguments.
Dates and times are even over the range that Faker's method draws from, today being `as_of`, with Faker's arguments
(`start_date`, `end_date`, `minimum_age`, `pattern`, …). `x`: a kernel. `pool`: a pool. `-`: Faker has no such method in
the locale.

"""


def text() -> str:
    """Write the page."""
    native = {locale: set(native_providers(locale)) for locale in LOCALES}
    rows = [f"| method | {' | '.join(LOCALES)} |", "|---" * (len(LOCALES) + 1) + "|"]
    for method in sorted(READ | EMAILS.keys()):
        cells = [_cell(method, locale, native[locale]) for locale in LOCALES]
        rows.append(f"| `{method}` | {' | '.join(cells)} |")
    others = sorted(native["en_US"] - READ - EMAILS.keys())
    anywhere = [name for name in others if all(name in native[locale] for locale in LOCALES)]
    american = [name for name in others if name not in anywhere]
    return HEAD + "\n".join(rows) + f"\n\nKernels in every locale: {_list(anywhere)}.\n\nIn en_US: {_list(american)}.\n"


def expected() -> str:
    """What the page says."""
    return FILE.read_text()


def rewrite() -> None:
    """Write the page anew."""
    FILE.write_text(text())


def _cell(method: str, locale: str, native: set[str]) -> str:
    if method in native:
        return "x"
    return "pool" if method in provider_names(locale) else "-"


def _list(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
