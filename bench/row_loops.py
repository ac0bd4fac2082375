"""The standard table against loops over Faker and mimesis, as test data is often made: rows/s, ours with its files.

The loops keep no promise (no distinct keys, no parents) and write nothing; they get the easier half.
"""

import datetime as dt
import random
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from faker import Faker
from mimesis import Generic, Locale

from bench import standard_table
from bench.making import batches_of, make
from bench.measure import Effort, Figure, Side, Target, compare, interleaved, timed

LOOP_ROWS = 5_000
Row = Callable[[int], tuple[object, ...]]
"""Makes the cells of one row."""
STATUSES = {"pending": 10, "paid": 20, "shipped": 40, "delivered": 25, "returned": 5}
BEGIN, END, PARENTS = dt.datetime(2024, 1, 1), dt.datetime(2026, 1, 1), 100_000
TARGETS = {"Faker loop": Target(least=150), "mimesis loop": Target(least=20)}


async def run(effort: Effort, folder: Path) -> AsyncIterator[Figure]:
    """Rows/s of the loops on a sample, of ours on the whole table."""
    plan, rows = standard_table.plan(effort.rows), {standard_table.TABLE: effort.rows}
    count = 200 if effort.smoke else LOOP_ROWS

    async def ours() -> float:
        with timed() as watch:
            make(plan, batches_of(rows), folder)
        return effort.rows / watch.seconds

    def loop(row: Row) -> Side:
        async def side() -> float:
            with timed() as watch:
                for number in range(count):
                    row(number)
            return count / watch.seconds

        return side

    await ours()
    loops = {"Faker loop": loop(_faker_row()), "mimesis loop": loop(_mimesis_row())}
    samples = await interleaved(effort.rounds, {"ours": ours, **loops})
    for against in loops:
        yield compare("standard table", "rows/s", samples, against=against, target=TARGETS[against])


def _faker_row() -> Row:
    fake = Faker()
    fake.seed_instance(standard_table.SEED)
    statuses = OrderedDict(STATUSES)

    def row(number: int) -> tuple[object, ...]:
        created = fake.date_time_between(BEGIN, END)
        return (
            number,
            fake.random_int(1, PARENTS),
            fake.random_element(statuses),
            fake.email(),
            _amount(),
            created,
            created.date() + dt.timedelta(days=fake.random_int(1, 14)) if fake.boolean(90) else None,
            " ".join(fake.words(6))[:40],
        )

    return row


def _mimesis_row() -> Row:
    generic = Generic(Locale.EN, seed=standard_table.SEED)
    statuses = [status for status, weight in STATUSES.items() for _ in range(weight)]

    def row(number: int) -> tuple[object, ...]:
        created = generic.datetime.datetime(BEGIN.year, END.year - 1)
        return (
            number,
            generic.numeric.integer_number(1, PARENTS),
            generic.choice(statuses),
            generic.person.email(),
            _amount(),
            created,
            created.date() + dt.timedelta(days=generic.numeric.integer_number(1, 14))
            if random.random() < 0.9
            else None,
            " ".join(generic.text.words(6))[:40],
        )

    return row


def _amount() -> float:
    """Neither library has a normal law."""
    return round(min(max(random.gauss(150, 50), 0.0), 1000.0), 2)
