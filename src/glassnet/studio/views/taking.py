"""What one takes home: code, the model's file, a step on a page, a diagram."""

import tempfile
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError
from glassnet.studio.export import Stage, data_code, points_code, python_code, step_page as page_of
from glassnet.studio.run import fit_parameters_of
from glassnet.studio.views.look import Look
from glassnet.studio.views.network import network


@dataclass(frozen=True)
class Download:
    """Hold an answer that is no JSON."""

    body: bytes
    media: str
    name: str


def code(look: Look) -> dict[str, Any]:
    """Return Python code that gives exactly this run."""
    session, run, step = look.session, look.run, look.moment.step
    first = session.runs["a"]
    stages = [Stage(step, {})]
    if run.branching is not None:
        if run.branching.step == 0:
            first = run
        else:
            stages = [Stage(run.branching.step, {}), Stage(step, run.branching.changes)]
    data = run.data
    if data.is_changed:
        named = points_code(data.train.X, data.train.y, data.validation.X, data.validation.y)
    else:
        named = data.code or data_code(data.source or data.name, data.target)
    return {
        "python": python_code(named, first.model, fit_parameters_of(first.model, first.fit_settings), stages)
    }


def model_file(look: Look) -> Download:
    """Return the model's file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        look.run.model_of(look.moment).save(path)
        return Download(
            path.read_bytes(),
            "application/octet-stream",
            f"model-{look.run.id}-{look.moment.step}.safetensors",
        )


def step_page(look: Look) -> Download:
    """Return the next step worked out, as a page or as LaTeX."""
    kind = look.query.get("format", "html")
    if kind not in ("html", "latex"):
        raise InvalidParameterError(f"got format={quoted(kind)}; expected 'html' or 'latex'.")
    rows = look.moment.rows if "sample" not in look.query else np.array([look.index])
    train = look.run.data.train
    text = page_of(
        look.run.model_of(look.moment),
        train.X[rows],
        train.y[rows],
        kind,
        learning_rate=look.training().rate,
        updates=look.moment.updates,
    )
    media, ending = ("text/html", "html") if kind == "html" else ("application/x-tex", "tex")
    return Download(text.encode(), f"{media}; charset=utf-8", f"step-{look.moment.step + 1}.{ending}")


WIDTH, HEIGHT, MARGIN = 900, 480, 60
DRAWN_UNITS = 16


def diagram(look: Look) -> Download:
    """Return a picture of the network with the values of one sample: an SVG of its own."""
    found = network(look)
    sizes = look.architecture.sizes
    columns = [_column(i, len(sizes), n) for i, n in enumerate(sizes)]
    parts = []
    for layer, edges in enumerate(found["weights"]):
        drawn = [
            edge for edge in edges if edge[0] < len(columns[layer]) and edge[1] < len(columns[layer + 1])
        ]
        most = max((abs(weight) for *_, weight in drawn), default=1.0) or 1.0
        for i, k, weight in drawn:
            (x1, y1), (x2, y2) = columns[layer][i], columns[layer + 1][k]
            colour = "#0072b2" if weight > 0 else "#d55e00"
            parts.append(
                f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
                f'stroke-width="{0.3 + 2.7 * abs(weight) / most:.2f}"><title>{weight:.6g}</title></line>'
            )
    for layer, places in enumerate(columns):
        values = [unit["a"] for unit in found["layers"][layer - 1]["units"]] if layer else []
        for k, (x, y) in enumerate(places):
            text = f"{values[k]:.3g}" if k < len(values) else ""
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" fill="#fff" stroke="#333"/>')
            parts.append(f'<text x="{x:.1f}" y="{y - 13:.1f}" text-anchor="middle">{escape(text)}</text>')
        name = found["layers"][layer - 1]["name"] if layer else "inputs"
        label = escape(f"{sizes[layer]:,} {name}")
        x = places[0][0]
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 12}" text-anchor="middle">{label}</text>')
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="11"><title>A network of {escape("-".join(map(str, sizes)))} units</title>'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )
    return Download(svg.encode(), "image/svg+xml", f"network-{look.run.id}-{look.moment.step}.svg")


def _column(layer: int, n_layers: int, n_units: int) -> list[tuple[float, float]]:
    drawn = min(n_units, DRAWN_UNITS)
    x = MARGIN + layer * (WIDTH - 2 * MARGIN) / (n_layers - 1)
    apart = min(44.0, (HEIGHT - 2 * MARGIN) / drawn)
    return [(x, HEIGHT / 2 - 10 + (k - (drawn - 1) / 2) * apart) for k in range(drawn)]
