"""An application's threads on a psycopg pool, until a file appears; then what they saw, as JSON.

Usage: pool_application.py DSN STOP_FILE
"""

import json
import os
import sys
import threading
import time

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

THREADS = 8

dsn, stop_file = sys.argv[1:]
errors: dict[str, int] = {}
gaps = [0.0] * THREADS
words = [""] * THREADS


def live(number: int, pool: ConnectionPool) -> None:
    last = time.monotonic()
    while not os.path.exists(stop_file):
        try:
            with pool.connection(timeout=30) as connection:
                words[number] = connection.execute("select min(word) from people").fetchone()[0]
        except (psycopg.Error, PoolTimeout) as error:
            name = getattr(error, "sqlstate", None) or type(error).__name__
            errors[name] = errors.get(name, 0) + 1
            continue
        time.sleep(0.001)
        now = time.monotonic()
        gaps[number] = max(gaps[number], now - last)
        last = now


with ConnectionPool(dsn, min_size=4, max_size=THREADS) as pool:
    pool.wait()
    threads = [threading.Thread(target=live, args=(n, pool)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

print(json.dumps({"blip_ms": round(max(gaps) * 1000), "errors": errors, "words": words}))
