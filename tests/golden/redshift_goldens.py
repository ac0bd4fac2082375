"""The statements of loads into Redshift, and into Snowflake from S3: their tests write them, for they need servers."""

import os
import subprocess
import sys

REWRITE = "DWSIM_REWRITE_GOLDENS"


def rewrite() -> None:
    """Write the golden files anew."""
    tests = (f"tests/loader_svc/warehouses/test_{name}.py" for name in ("redshift_goldens", "snowflake_external"))
    subprocess.run([sys.executable, "-m", "pytest", "-q", "-n0", *tests], env=os.environ | {REWRITE: "1"}, check=True)
