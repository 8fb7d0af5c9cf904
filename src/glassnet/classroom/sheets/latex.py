"""A sheet as a LaTeX document with lines to write on, and as a PDF where a TeX is there."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from glassnet.classroom.sheets.content import Part, Sheet
from glassnet.errors import GlassnetError, MissingPackageError
from glassnet.worked.notations import Latex, escape

ENGINES = ("lualatex", "xelatex", "pdflatex")
"""Programs that set a document, those that know the letters of all names first."""

MOST_SECONDS = 120
"""For one sheet."""

BLANK = r"\underline{\hspace{%s}}"


def render_latex(sheet: Sheet) -> str:
    """Return a document that needs LaTeX's own packages and amsmath alone."""
    notation = Latex("{,}" if sheet.language.point == "," else sheet.language.point)
    say = sheet.language.say
    lines = [
        r"\tracinglostchars=3 % a letter that the font lacks is an error, not left out",
        r"\documentclass[11pt,a4paper,fleqn]{article}",
        r"\usepackage[margin=20mm]{geometry}",
        r"\usepackage{amsmath}",
        r"\setlength{\parindent}{0pt}\setlength{\parskip}{4pt}\raggedright",
        r"\setlength{\lineskip}{7pt}\setlength{\lineskiplimit}{1pt} % room above and below fractions",
        r"\begin{document}",
        rf"{{\small {escape(sheet.byline)}}}",
        rf"\section*{{{escape(sheet.title)}}}",
        *(escape(text) + r"\par" for text in sheet.paragraphs),
        r",\quad ".join(rf"{escape(name)}: \textbf{{{escape(value)}}}" for name, value in sheet.facts)
        + r"\par",
        rf"\subsection*{{{escape(say('given'))}}}",
    ]
    for row in sheet.given:
        title = f"{escape(row.title)}: " if row.title else ""
        equations = [
            f"${notation.name(one.name)} = {sheet.write_given(one, notation, sheet.language.between)}$"
            for one in row.given
        ]
        lines.append(title + r",\quad ".join(equations) + r"\par")
    rules = sheet.write_rules(notation, (" = ", r" \leftarrow "), "${}$".format, _typed)
    if rules:
        lines += [rf"\subsection*{{{escape(say('formulas'))}}}", *(rule + r"\par" for rule in rules)]
    lines.append(rf"\subsection*{{{escape(say('answers'))}}}")
    lines += [rf"{{\small {escape(note)}\par}}" for note in sheet.notes]
    for step in sheet.steps:
        lines += [rf"\subsubsection*{{{escape(step.title)}}}"] if step.title else []
        for part in step.parts:
            lines += [rf"\textit{{{escape(part.title)}}}\par", *_write_part(sheet, part, notation)]
    return "\n".join([*lines, r"\end{document}", ""])


def _typed(text: str) -> str:
    return rf"\texttt{{{escape(text)}}}"


def _write_part(sheet: Sheet, part: Part, notation: Latex) -> list[str]:
    """Return places for the answers: numbers side by side, a matrix of lines, choices with boxes."""
    numbers, lines = [], []
    for group in part.groups:
        first, name = group[0], notation.name(group[0].quantity.name)
        if first.choices:
            boxes = r"\quad ".join(
                rf"$\bigcirc$~{escape(sheet.language.choice(choice))}" for choice in first.choices
            )
            lines.append(rf"{escape(sheet.ask(first))}\quad {boxes}\par")
        elif first.index:
            width = group[-1].index[-1]
            cells = [BLANK % "1.8cm"] * len(group)
            rows = [" & ".join(cells[i : i + width]) for i in range(0, len(cells), width)]
            matrix = r"\begin{pmatrix} " + r" \\[4pt] ".join(rows) + r" \end{pmatrix}"
            lines.append(rf"${name} = {matrix}$\par")
        else:
            numbers.append(rf"\mbox{{${name} = {BLANK % '2.2cm'}$}}")
    return [" \\quad\n".join(numbers) + r"\par", *lines] if numbers else lines


def find_tex() -> list[str]:
    """Return the programs that set LaTeX on this machine, the one to be tried first in front.

    Raises
    ------
    MissingPackageError
    """
    programs = [program for program in map(shutil.which, ENGINES) if program is not None]
    if not programs:
        raise MissingPackageError(
            f"no LaTeX is on this machine: expected one of {', '.join(ENGINES)}. Leave --pdf out; the sheets "
            "come as HTML and LaTeX."
        )
    return programs


def render_pdf(source: str) -> bytes:
    """Set a LaTeX document by the first program that can; nothing in it can run another program.

    Raises
    ------
    MissingPackageError
        When no TeX is there.
    GlassnetError
        When none of those that are there can set it.
    """
    reasons = []
    for program in find_tex():
        try:
            return _run(program, source)
        except GlassnetError as error:  # its fonts may lack a letter that another's have
            reasons.append(str(error))
    raise GlassnetError("; ".join(reasons))


def _run(program: str, source: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="glassnet-") as folder:
        path = Path(folder) / "sheet.tex"
        path.write_text(source, encoding="utf-8")
        command = [program, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", path.name]
        try:
            done = subprocess.run(
                command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=MOST_SECONDS
            )
        except subprocess.TimeoutExpired:
            raise GlassnetError(f"{program} did not end within {MOST_SECONDS} seconds") from None
        pdf = path.with_suffix(".pdf")
        if done.returncode or not pdf.is_file():
            output = done.stdout.decode(errors="replace").splitlines()
            reason = next((line for line in output if line.startswith("!")), "it says no reason")
            raise GlassnetError(f"{program} could not set a sheet: {reason}")
        return pdf.read_bytes()
