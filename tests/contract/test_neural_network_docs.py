"""The page about NeuralNetwork: its examples run as they stand there, one after another."""

import re
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "neural-network.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_examples_run():
    names = {}
    assert len(EXAMPLES) == 8
    for example in EXAMPLES:
        exec(compile(example, "docs/neural-network.md", "exec"), names)
