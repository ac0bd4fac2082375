"""The statements of loads into Redshift: their tests write them, for they need servers."""

import os
import subprocess
import sys

REWRITE = "DWSIM_REWRITE_GOLDENS"


def rewrite() -> None:
    """Write the golden files anew."""
    tests = "tests/loader_svc/warehouses/test_redshift_goldens.py"
    subprocess.run([sys.executable, "-m", "pytest", "-q", "-n0", tests], env=os.environ | {REWRITE: "1"}, check=True)
