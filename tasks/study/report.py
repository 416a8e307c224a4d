"""The study's report: tables beside the paper's figures, in Markdown and as one HTML file that needs no network."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader

from model.network import TrainingOptions
from tasks.operation.tables import Table, render_markdown, render_text
from tasks.study.comparison import Figures, Study
from tasks.study.conclusion import conclusion
from tasks.study.drawing import Drawing
from warehouse.files import write_text

AGREEMENT = (
    "kept from step to step",
    "same in both windows",
    "step 2 agrees with step 6",
    "next step's dominant trait",
    "next step's memberships, squared correlation",
    "latent dominant trait",
)
DEFAULT = TrainingOptions().target
BIASED = f"{DEFAULT}, read-out bias"
PAPER = {"linear direct": "0.78 (both angles)", "polynomial direct": "0.79 (both angles)"}


def tables(study: Study) -> list[Table]:
    """Return all tables of a finished study."""
    return [
        _surrogates(study),
        _agreement(study),
        _nonzero(study),
        _clusters(study.figures["shared"]),
        _attractors(study.figures["shared"]),
    ]


def spread(values: list[float]) -> str:
    """Return mean and spread over the seeds.

    >>> spread([0.5, 0.7])
    '0.600 ± 0.141'
    """
    if not values:
        return "-"
    return f"{np.mean(values):.3f} ± {np.std(values, ddof=1):.3f}" if len(values) > 1 else f"{values[0]:.3f}"


def counted_spread(values: list[float]) -> str:
    """Return mean and spread over the seeds of a number of things.

    >>> counted_spread([97.0, 97.0]), counted_spread([64.0, 66.0])
    ('97', '65.0 ± 1.4')
    """
    mean, deviation = np.mean(values), np.std(values, ddof=1) if len(values) > 1 else 0.0
    return f"{mean:.1f} ± {deviation:.1f}" if deviation else f"{mean:,.0f}"


def _surrogates(study: Study) -> Table:
    plain, biased = study.figures[DEFAULT], study.figures[BIASED]
    rows = [("trait R2", "not given", spread(plain["trait R2"]), spread(biased["trait R2"]))]
    for kind in ("linear", "polynomial", "ridge", "tree"):
        for way in ("direct", "state"):
            for angle in ("azimuth", "polar"):
                name = f"{kind} {way} {angle}"
                paper = PAPER.get(f"{kind} {way}", "-")
                label = f"R2 {kind}, {'angles directly' if way == 'direct' else 'state read as angles'}, {angle}"
                rows.append((label, paper, spread(plain[name]), spread(biased[name])))
    header = ("on test customers", "paper", "without read-out bias", "with read-out bias")
    return Table("How well the network and its surrogates fit", header, tuple(rows))


def _agreement(study: Study) -> Table:
    shared = study.figures["shared"]
    rows = []
    for name in AGREEMENT:
        if name in study.figures[DEFAULT]:
            told = (spread(study.figures[target][name]) for target in ("expanding", "settled", "next_step"))
            baselines = (spread(shared[f"{baseline}: {name}"]) for baseline in ("raw step", "running mean"))
            rows.append((name, *told, *baselines))
    if "change of direction, switchers" in shared:
        switchers, others = (spread(shared[f"change of direction, {group}"]) for group in ("switchers", "others"))
        rows.append(
            (
                "change of direction in the last step (radians)",
                f"switchers {switchers}, others {others}",
                "",
                "",
                "",
                "",
            )
        )
    header = (
        "dominant trait, test customers",
        "LSTM expanding",
        "LSTM settled",
        "LSTM next step",
        "raw step",
        "running mean",
    )
    return Table("Stability and foresight, beside the baselines (raw step, running mean)", header, tuple(rows))


def _nonzero(study: Study) -> Table:
    figures = study.figures[DEFAULT]
    names = [name for name in figures if name.startswith("classes above")]
    rows = [(name, "69 (threshold not given)", counted_spread(figures[name])) for name in names]
    canonical = "first canonical correlation with the traits"
    rows.append((canonical, "'strongly correlated'", spread(figures[canonical])))
    rows.append(("classes with trait coefficients", "61", f"{int((study.data.coefficients != 0).any(axis=1).sum())}"))
    return Table("Coefficients of the linear surrogate of the angles", ("figure", "paper", "here"), tuple(rows))


def _clusters(shared: Figures) -> Table:
    rows = tuple(
        (name, *(spread(shared[f"AMI {name}, depth {depth}"]) for depth in range(1, 5)))
        for name in ("LSTM", "feed-forward network", "auto-encoder", "raw scores")
    )
    header = ("features", "depth 1", "depth 2", "depth 3", "depth 4")
    return Table(
        "Ward's clusters against an order of traits, the row's own (AMI; rows are not comparable)", header, rows
    )


def _attractors(shared: Figures) -> Table:
    names = (
        "inputs whose fixed points are complete",
        "stable points per input",
        "customers whose attractor is stable",
        "left of the way after six steps, median",
        "membership against way left, correlation",
    )
    rows = tuple((name, spread(shared[name])) for name in names)
    return Table("Attractors (left open by the paper; it expects a negative correlation)", ("figure", "here"), rows)


def write_report(study: Study, about: str, figures: Mapping[str, Drawing], folder: Path) -> Path:
    """Write report.md and report.html, each whole or not at all.

    Args:
        study: A finished study.
        about: What it was run on, in a sentence or two.
        figures: Drawings by title.
        folder: Where to.

    Returns:
        Path of the HTML report.
    """
    folder.mkdir(parents=True, exist_ok=True)
    results, found = tables(study), conclusion(study, DEFAULT)
    listed = "\n".join(f"- {sentence}" for sentence in found)
    head = ["# Comparison with the paper", listed, about]
    text = "\n\n".join([*head, *(render_markdown(table) for table in results)])
    write_text(folder / "report.md", text + "\n")
    template = _environment().get_template("study.html.j2")
    page = template.render(about=about, conclusion=found, tables=results, figures=list(figures.items()))
    write_text(folder / "report.html", page)
    return folder / "report.html"


@cache
def _environment() -> Environment:
    folder = Path(__file__).parent / "pages"
    return Environment(loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True, lstrip_blocks=True)


def printed(study: Study) -> str:
    """Return all tables as aligned text for the terminal."""
    return "\n\n".join(render_text(table) for table in tables(study))
