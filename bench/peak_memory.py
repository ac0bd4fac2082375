"""`python -m bench.peak_memory ROWS THREADS FOLDER`: makes the standard table and prints the process's peak in MB."""

import resource
import sys
from pathlib import Path

from bench import standard_table
from bench.making import batches_of, make

if __name__ == "__main__":
    rows, threads = int(sys.argv[1]), int(sys.argv[2])
    batches = batches_of({standard_table.TABLE: rows})
    make(standard_table.plan(rows), batches, Path(sys.argv[3]), threads=threads, keep=False)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)
