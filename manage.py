#!/usr/bin/env python3
"""Django's command line. `./run manage …` calls it with the embedded servers up."""

import os
import sys

from django.core.management import execute_from_command_line

from afiliacion.environment import reading
from afiliacion.operations.servers import roles

if __name__ == "__main__":
    roles.log_in_as_needed(sys.argv[1] if len(sys.argv) > 1 else "", os.environ)
    reading.require(os.environ)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "afiliacion.settings")
    execute_from_command_line(sys.argv)
