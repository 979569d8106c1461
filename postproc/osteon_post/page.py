"""What every page is made with: templates, filters for numbers, and writing it whole."""
from __future__ import annotations

import os
from pathlib import Path

import jinja2
import matplotlib
import numpy as np

from . import words

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
TOOLS = f"Python h5py, NumPy {np.__version__}, Matplotlib {matplotlib.__version__}"


def render(template: str, **values: object) -> str:
    """The page; a name that the template asks for and `values` lacks is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(
        number=words.number,
        percent=words.percent,
        change=lambda v: words.percent(v, True),
        place=lambda v: words.fixed(v, 1),
    )
    return environment.get_template(template).render(**values)


def write_whole(text: str, path: Path) -> None:
    """An older file is replaced only by a whole new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)
