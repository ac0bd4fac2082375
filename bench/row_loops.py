"""The standard table against loops over Faker and mimesis, as test data is often made: rows/s, ours with its files.

The loops keep no promise (no distinct keys, no parents) and write nothing; they get the easier half.
"""

import datetime as dt
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from faker import Faker
from mimesis import Locale, Person, Text

from bench import standard_table
from bench.making import batches_of, make
from bench.measure import Effort, Figure, Side, Target, compare, interleaved, timed

LOOP_ROWS = 5_000
Texts = Callable[[], tuple[str, str]]
"""Makes an e-mail address and six words."""
STATUSES, WEIGHTS = ["pending", "paid", "shipped", "delivered", "returned"], [10, 20, 40, 25, 5]
BEGIN, SECONDS = dt.datetime(2024, 1, 1), 2 * 365 * 86_400
TARGETS = {"Faker loop": Target(least=150), "mimesis loop": Target(least=20)}


async def run(effort: Effort, folder: Path) -> AsyncIterator[Figure]:
    """Rows/s of the loops on a sample, of ours on the whole table."""
    plan, rows = standard_table.plan(effort.rows), {standard_table.TABLE: effort.rows}
    count = 200 if effort.smoke else LOOP_ROWS

    async def ours() -> float:
        with timed() as watch:
            make(plan, batches_of(rows), folder)
        return effort.rows / watch.seconds

    def loop(texts: Texts) -> Side:
        async def side() -> float:
            with timed() as watch:
                for number in range(count):
                    _row(number, texts)
            return count / watch.seconds

        return side

    await ours()
    loops = {"Faker loop": loop(_faker_texts()), "mimesis loop": loop(_mimesis_texts())}
    samples = await interleaved(effort.rounds, {"ours": ours, **loops})
    for against in loops:
        yield compare("standard table", "rows/s", samples, against=against, target=TARGETS[against])


def _faker_texts() -> Texts:
    fake = Faker()
    fake.seed_instance(standard_table.SEED)
    return lambda: (fake.email(), " ".join(fake.words(6)))


def _mimesis_texts() -> Texts:
    person = Person(Locale.EN, seed=standard_table.SEED)
    text = Text(Locale.EN, seed=standard_table.SEED)
    return lambda: (person.email(), " ".join(text.words(quantity=6)))


def _row(number: int, texts: Texts) -> tuple[object, ...]:
    email, note = texts()
    created = BEGIN + dt.timedelta(seconds=random.randrange(SECONDS))
    return (
        number,
        random.randrange(100_000),
        random.choices(STATUSES, WEIGHTS)[0],
        email,
        round(min(max(random.gauss(150, 50), 0.0), 1000.0), 2),
        created,
        None if random.random() < 0.1 else created.date() + dt.timedelta(days=random.randint(1, 14)),
        note[:40],
    )
