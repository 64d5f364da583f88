"""The command `hardpoint`, also as `python -m hardpoint`."""

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from hardpoint.faces.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
