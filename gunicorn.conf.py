"""How the web server runs if started from this folder: `python -m gunicorn afiliacion.wsgi`. What its command says goes first."""

import gc
import os

workers = 2
threads = 4
# Loaded and warmed up once (afiliacion/wsgi.py): a worker begins, or begins again, as quick as it will ever be.
preload_app = True
# Twenty people at once keep the processors busy by themselves: a question split among more processes makes the others wait.
raw_env = ["PGOPTIONS=" + os.environ.get("PGOPTIONS", "-c max_parallel_workers_per_gather=0 -c jit=off")]


def on_starting(server: object) -> None:
    """What is loaded now stays: let the collector not walk through it again, nor copy it into each worker."""
    gc.collect()
    gc.freeze()
