"""`python -m bench.peak_memory ROWS THREADS FOLDER`: makes the standard table and prints the process's peak in MB."""

import re
import sys
from pathlib import Path

from bench import standard_table
from bench.making import batches_of, make

_PEAK = re.compile(r"VmHWM:\s*(\d+) kB")
"""The process's own peak; getrusage would tell that of the process that began it, where it was larger."""

if __name__ == "__main__":
    rows, threads = int(sys.argv[1]), int(sys.argv[2])
    batches = batches_of({standard_table.TABLE: rows})
    make(standard_table.plan(rows), batches, Path(sys.argv[3]), threads=threads, keep=False)
    found = _PEAK.search(Path("/proc/self/status").read_text())
    assert found, "Linux tells a process's peak"
    print(int(found[1]) / 1000)
