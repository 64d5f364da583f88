"""The command `hardpoint`, also as `python -m hardpoint`."""

import os
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and leave with its exit code.

    What was read is not taken apart before the process ends: of two documents of 13 MB that takes a fifth of all time.
    Whatever has to be closed was closed where it was opened.
    """
    from hardpoint.faces.cli.main import run
    from hardpoint.kernel.problem import Exit

    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # the reader has gone, or the disk is full: what was said did not arrive
        code = code or Exit.FAILED
    os._exit(code)


if __name__ == "__main__":
    main()
