"""Options of change sets: how much changes, and how it is told."""

import enum
from typing import Annotated

import typer
from dwsim.generator.v1.change_spec_pb2 import ChangeSpec


class Telling(enum.StrEnum):
    """Forms of a change set's files, by the names that users type."""

    cdc = "cdc"
    scd2 = "scd2"
    snapshot = "snapshot"


_OUTPUTS = {Telling.cdc: ChangeSpec.CDC_FEED, Telling.scd2: ChangeSpec.SCD2, Telling.snapshot: ChangeSpec.SNAPSHOT}

Inserts = Annotated[
    float | None,
    typer.Option("--inserts", min=0, help="Change set: rows to insert, as a part of the rows; 0.05 if left out."),
]
Updates = Annotated[
    float | None,
    typer.Option("--updates", min=0, max=1, help="Change set: part of the rows to update; 0.1 if left out."),
]
Deletes = Annotated[
    float | None,
    typer.Option("--deletes", min=0, max=1, help="Change set: part of the rows to delete; 0.02 if left out."),
]
ChangesAs = Annotated[
    Telling | None,
    typer.Option(
        "--as",
        case_sensitive=False,
        help="Change set: cdc tells of its changes, scd2 of all history, snapshot of the rows that live.",
    ),
]


def change_spec(
    inserts: float | None, updates: float | None, deletes: float | None, told_as: Telling | None
) -> ChangeSpec | None:
    """What was asked for; None where no option was given."""
    if told_as is None and inserts is updates is deletes is None:
        return None
    return ChangeSpec(
        insert_fraction=inserts,
        update_fraction=updates,
        delete_fraction=deletes,
        output=_OUTPUTS[told_as] if told_as else ChangeSpec.OUTPUT_UNSPECIFIED,
    )
