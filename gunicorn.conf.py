"""How the web server runs if started from this folder: `python -m gunicorn afiliacion.wsgi`. What its command says goes first."""

import gc
import os

from afiliacion.environment import reading

reading.require(os.environ)

workers = 2
threads = 4
# A thread works on a request only when all of it has arrived, within limits of size and time.
worker_class = "afiliacion.web_server.worker.BufferingWorker"
# Loaded and warmed up once (afiliacion/wsgi.py): a worker begins, or begins again, as quick as it will ever be.
preload_app = True
# With `--access-logfile -` too: no line names a person (afiliacion/logs.py).
logger_class = "afiliacion.access_log.MaskingLogger"
# Twenty people at once keep the processors busy by themselves: a question split among more processes makes the others wait.
raw_env = ["PGOPTIONS=" + os.environ.get("PGOPTIONS", "-c max_parallel_workers_per_gather=0 -c jit=off")]


def on_starting(server: object) -> None:
    """Exempt what is loaded now from garbage collection: not walked through again, nor copied into each worker."""
    gc.collect()
    gc.freeze()
