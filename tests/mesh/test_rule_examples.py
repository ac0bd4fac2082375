"""Every example of docs/rules.md, imported and previewed through the doors that a user goes through."""

import re
from pathlib import Path

import pytest
from dwsim.generator.v1.generator_service_pb2 import PreviewTableRequest
from dwsim.schema.v1.experiment_pb2 import Experiment
from dwsim.schema.v1.schema_service_pb2 import ImportSpecRequest

from dwsim_wire.client import call
from tests.clients import Clients

PAGE = Path("docs/rules.md")
EXAMPLES = {
    section.split("`")[0]: re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)
    for section in PAGE.read_text().split("\n### `")[1:]
}


@pytest.mark.parametrize("rule", EXAMPLES)
async def test_an_example_of_the_page_works_as_it_stands(dwsim: Clients, name: str, rule: str) -> None:
    """A page that shows what is refused teaches nothing; and each section shows its own rule."""
    assert EXAMPLES[rule], f"{rule} has no example"
    for number, text in enumerate(EXAMPLES[rule]):
        request = ImportSpecRequest(spec=text, name=f"{name}{number}")
        experiment = (await call(dwsim.schema.ImportSpec, request)).experiment
        assert rule in _rules(experiment)
        for table in experiment.tables:
            preview = PreviewTableRequest(experiment=experiment.name, table=table.name, offset=500, limit=20)
            rows = (await call(dwsim.generator.PreviewTable, preview)).rows
            assert len(rows) == 20
            assert len({str(row) for row in rows}) > 1


def _rules(experiment: Experiment) -> set[str]:
    """Kinds of rules that an experiment's columns have."""
    columns = [column for table in experiment.tables for column in table.columns]
    return {column.rule.WhichOneof("kind") or "" for column in columns}
