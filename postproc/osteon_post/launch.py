"""Start of the command-line programs: finds a Python that has what they need."""
import os
import sys

SYSTEM = "/usr/bin/python3"


def start(command):
    """Run function `command` of cli.py on the arguments; exit code 4 if a module is missing."""
    try:
        import jinja2, matplotlib  # noqa: E401,F401
        from osteon_post import cli
    except ModuleNotFoundError as missing:
        # The python3 of a virtual environment often lacks what the distribution's packages brought.
        if os.path.exists(SYSTEM) and os.environ.get("OSTEON_PYTHON") != SYSTEM:
            os.environ["OSTEON_PYTHON"] = SYSTEM
            os.execv(SYSTEM, [SYSTEM, *sys.argv])
        print(
            f"error: Python module {missing.name} is missing\n"
            "    fix: apt install python3-h5py python3-matplotlib python3-jinja2 python3-yaml",
            file=sys.stderr,
        )
        return 4
    return getattr(cli, command)(sys.argv[1:])
