"""Command lines of postproc/report, postproc/summary, postproc/compare and postproc/roofline.

Exit codes as the solver's: 0 done, 2 the input is wrong, 4 files or memory.
"""
from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable
from pathlib import Path

from .reader import Results, ResultsError

EXIT_INPUT, EXIT_FILES = 2, 4


def _guarded(work: Callable[[], None]) -> int:
    try:
        work()
    except ResultsError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_INPUT
    except (OSError, MemoryError) as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_FILES
    return 0


def _speak_utf8() -> None:
    """A plain C locale must not stop a table."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")


def _take_pictures(parser: argparse.ArgumentParser, of: str) -> None:
    """What both pages offer beside themselves."""
    parser.add_argument(
        "--figures", type=Path, metavar="DIR", help="also save each picture as PNG here"
    )
    parser.add_argument(
        "--readme-picture",
        type=Path,
        metavar="FILE",
        help=f"write only one wide picture of the {of} (PNG), no page",
    )


def report_main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="report",
        description=(
            "Makes report.html, one page with all pictures in it, from a results directory."
        ),
    )
    parser.add_argument(
        "directory", type=Path, metavar="DIR", help="what `osteon run CASE -o DIR` wrote"
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="the page; default: DIR/report.html"
    )
    _take_pictures(parser, "run")
    parser.add_argument(
        "-q", "--quiet", action="store_true", help="do not print the path of what was written"
    )
    args = parser.parse_args(arguments)

    def work() -> None:
        with Results(args.directory) as results:
            if args.readme_picture is not None:
                from .readme import readme_picture

                target = args.readme_picture
                readme_picture(results, target)
            else:
                from .report import write_report

                target = args.output or args.directory / "report.html"
                write_report(results, target, args.figures)
        if not args.quiet:
            print(target)

    return _guarded(work)


def summary_main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="summary", description="Prints what came out of a run as a table."
    )
    parser.add_argument(
        "directory", type=Path, metavar="DIR", help="what `osteon run CASE -o DIR` wrote"
    )
    args = parser.parse_args(arguments)

    def work() -> None:
        from .summary import summary_table

        with Results(args.directory) as results:
            _speak_utf8()
            print(summary_table(results))

    return _guarded(work)


def compare_main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="compare",
        description="Compares runs of one patient under several protocols: prints a table, writes "
        "compare.csv and compare.html.",
    )
    parser.add_argument(
        "directories",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="what `osteon run CASE --protocol FILE -o DIR` wrote; two or more",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="OUTDIR",
        default=Path("."),
        help="where to; default: here",
    )
    _take_pictures(parser, "comparison")
    args = parser.parse_args(arguments)

    def work() -> None:
        from . import compare, compared
        from .compare_curves import readme_picture

        comparison = compared.read(args.directories)
        if args.readme_picture is not None:
            readme_picture(comparison, args.readme_picture)
            return
        compare.write_comparison(comparison, args.output, args.figures)
        _speak_utf8()
        print(compare.terminal_table(comparison))
        print(f"{args.output / compare.TABLE}\n{args.output / compare.PAGE}")

    return _guarded(work)


def roofline_main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="roofline",
        description="Draws what `osteon bench -o FILE.json` measured: the product of stiffness "
        "and vector under the ceilings of arithmetic and memory.",
    )
    parser.add_argument("figures", type=Path, metavar="FILE.json", help="what bench wrote")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE.png", help="the picture; default: FILE.png"
    )
    args = parser.parse_args(arguments)

    def work() -> None:
        from .roofline import read_figures, roofline

        target = args.output or args.figures.with_suffix(".png")
        roofline(read_figures(args.figures), target)
        print(target)

    return _guarded(work)
