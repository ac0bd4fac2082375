"""Connect-ES from Node does what a web page does: the tests in tests/gateway_web, against a whole stack."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

WEB_TESTS = Path(__file__).parents[1] / "gateway_web"


@pytest.mark.xdist_group("gateway")
def test_a_grpc_web_client_calls_streams_and_reads_errors(stack_url: str) -> None:
    """Trailers, details and 64-bit numbers cross a gateway and a browser's fetch, or they do not."""
    assert (WEB_TESTS / "gen").exists(), "there are no stubs; `make build/web_tests` generates them"
    node = shutil.which("node")
    assert node, "there is no node; install Node.js 20 or newer"
    environment = os.environ | {"DWSIM_GATEWAY": stack_url}
    done = subprocess.run(
        [node, "--test"], cwd=WEB_TESTS, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
