"""Judges an inventory with DuckDB once and prints the time and the counts: `run.py INVENTORY`.

Measured is all from the connection to the counts, with one thread and a file that the system has in memory; not the start of Python.
"""

import json
import pathlib
import resource
import sys
import time

import duckdb


def processor() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def counts(inventory: str) -> list[tuple[str, int]]:
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    rules = pathlib.Path(__file__).with_name("twelve.sql").read_text()
    connection.execute("SET VARIABLE inventory = ?", [inventory])
    return connection.execute(rules).fetchall()


def main() -> None:
    inventory = sys.argv[1]
    with open(inventory, "rb") as file:
        while file.read(1 << 20):
            pass
    before, started = processor(), time.perf_counter()
    found = counts(inventory)
    times = {"processor": processor() - before, "clock": time.perf_counter() - started}
    print(json.dumps({**times, "counts": sorted(found)}))


main()
