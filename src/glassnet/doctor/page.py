"""Diagnoses as one HTML page that needs no network."""

from collections.abc import Sequence
from html import escape

from glassnet.doctor.render import cure_text
from glassnet.doctor.treatment import Treatment
from glassnet.plots import loss_limits, loss_svg

COLOURS = (
    "--series-1:#0072B2;--series-2:#D55E00;--muted:#595959;--rule:#dddddd;--surface:#ffffff;--ink:#1a1a1a"
)
DARK = "--series-1:#56B4E9;--series-2:#E69F00;--muted:#b5b5b5;--rule:#444444;--surface:#1b1b1b;--ink:#eeeeee"


def render_treatment(treatment: Treatment) -> str:
    """Return before and after as an HTML section with both loss curves on the same axes."""
    courses = (("before", treatment.before), ("after", treatment.after))
    histories = [course.history for _, course in courses]
    limits = loss_limits(histories)
    epochs = max(len(history) for history in histories)
    figures = "".join(
        f"<figure><figcaption>{name}: {treatment.scored_on} score "
        f"{'none' if course.score is None else f'{course.score:.4f}'}, {len(course.history)} "
        "epochs</figcaption>"
        f"{loss_svg(course.history, f'doctor-{name}', epochs=epochs, limits=limits)}</figure>"
        for name, course in courses
    )
    return (
        f'<section class="glassnet-doctor-treatment"><style>{STYLE}</style>'
        f"<h3>Treatment of {escape(treatment.finding.code)}</h3>"
        f"<p>{escape(cure_text(treatment.cure))}</p><div>{figures}</div>"
        f"<p><strong>{escape(treatment.verdict)}</strong> Training loss is the solid line, validation loss, "
        "where there is one, the dashed one.</p></section>"
    )


def render_page(title: str, sections: Sequence[str]) -> str:
    """Return a whole page around sections of HTML."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>"
        f":root{{{COLOURS}}}@media(prefers-color-scheme:dark){{:root{{{DARK}}}}}"
        "body{font:15px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;"
        "background:var(--surface);color:var(--ink)}h1{font-size:1.5rem}"
        f"</style></head><body><h1>{escape(title)}</h1>{''.join(sections)}</body></html>\n"
    )


STYLE = (
    f".glassnet-doctor-treatment{{{COLOURS};font:15px/1.5 system-ui,sans-serif}}"
    f"@media(prefers-color-scheme:dark){{.glassnet-doctor-treatment{{{DARK}}}}}"
    ".glassnet-doctor-treatment div{display:flex;flex-wrap:wrap;gap:1.5rem}"
    ".glassnet-doctor-treatment figure{margin:0;width:340px;max-width:100%}"
    ".glassnet-doctor-treatment svg{width:100%;height:auto}"
)
