"""What a run's own load tolerates: kept with the run, told by its event, refused where nobody would load it."""

from typing import Any

import pytest
from dwsim.common.v1.load_options_pb2 import LoadOptions
from dwsim.generator.v1.run_pb2 import Run
from grpc import StatusCode as Code

from tests.clients import refused
from tests.generator_svc.running import Generator
from tests.generator_svc.test_retention import SMALL

SKIP = LoadOptions(on_error=LoadOptions.SKIP_ROW, max_errors=5)
STRICT = LoadOptions(on_error=LoadOptions.ABORT, schema_drift=LoadOptions.FAIL)


async def test_the_options_of_a_runs_load_travel_with_its_event(running: Generator) -> None:
    """The loader hears of them where it hears of the run; it asks nobody."""
    run = await running.completed(load_options=SKIP, **SMALL)
    kept = LoadOptions(on_error=LoadOptions.SKIP_ROW, max_errors=5, schema_drift=LoadOptions.FAIL)
    assert run.load_options == kept
    [started] = [event.run_started for event in await running.events() if event.HasField("run_started")]
    assert started.run.load_options == kept
    assert (await running.completed(**SMALL)).load_options == STRICT
    assert not (await running.completed(auto_load=False, **SMALL)).HasField("load_options")


@pytest.mark.parametrize(
    "facts",
    [
        {"load_options": SKIP, "auto_load": False},
        {"load_options": SKIP, "format": Run.CSV},
        {"load_options": LoadOptions(max_errors=-1)},
        {"load_options": LoadOptions(on_error=9)},  # type: ignore[arg-type]  # no member
    ],
)
async def test_options_that_nobody_would_heed_are_refused(running: Generator, facts: dict[str, Any]) -> None:
    """A run that is not loaded, or options that mean nothing."""
    with refused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT"):
        await running.start(**facts)
