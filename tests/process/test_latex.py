"""A real LaTeX sets what is written for it."""

import shutil
import subprocess

import pytest
from problems import large_problem
from processes import HANG_SECONDS

import glassnet
from glassnet.nn.losses import LOSSES
from glassnet.worked.problem_file import BUILT_IN

LATEX_COMMAND = shutil.which("tectonic") or shutil.which("pdflatex")


@pytest.mark.skipif(LATEX_COMMAND is None, reason="needs a LaTeX")
@pytest.mark.parametrize("name", ["A1", "course rounding", "textbook-sigmoid", *LOSSES])
def test_a_real_latex_sets_the_document(name, tmp_path):
    if name in LOSSES:
        worked = glassnet.trace(large_problem(name, "adamw" if name == "huber" else "nesterov"))
    elif name in BUILT_IN:
        worked = glassnet.trace(name)
    else:
        worked = glassnet.trace("assignment", course_rounding=name != "A1")
    (tmp_path / "trace.tex").write_text(worked.to_latex(), encoding="utf-8")
    options = [] if LATEX_COMMAND.endswith("tectonic") else ["-interaction=nonstopmode", "-halt-on-error"]
    command = [LATEX_COMMAND, *options, "trace.tex"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=HANG_SECONDS
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "trace.pdf").stat().st_size > 10_000
    assert name not in ("A1", "course rounding") or "Overfull" not in done.stdout
