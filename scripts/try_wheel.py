"""Try an installed wheel: every file of the sources is in it, and what a newcomer types first works.

`scripts/test-wheel` runs this with the Python of an environment that holds nothing but the wheel.
"""

import subprocess
import sys
import zipfile
from pathlib import Path

COMMANDS = (
    "--version",
    "study list",
    "data show mnist --count 3 --out images.png",
    "trace assignment",
    "svm solve assignment",
)


def find_missing(wheel: Path, tracked: Path) -> list[str]:
    """Return the source files that are not in the wheel."""
    inside = set(zipfile.ZipFile(wheel).namelist())
    sources = [line.removeprefix("src/") for line in tracked.read_text(encoding="utf-8").splitlines()]
    assert sources, "git knows no sources"
    return [source for source in sources if source not in inside]


def main() -> None:
    """Raise an error if anything is missing or does not work."""
    missing = find_missing(*map(Path, sys.argv[1:]))
    assert not missing, f"not in the wheel: {missing}"
    program = Path(sys.executable).with_name("glassnet")
    for command in COMMANDS:
        print("glassnet", command)
        subprocess.run([program, *command.split()], check=True, stdout=subprocess.DEVNULL)

    import glassnet

    assert Path(sys.prefix) in Path(glassnet.__file__).parents, f"{glassnet.__file__} is not the wheel's"
    (images, labels), test = glassnet.load_fashion_mnist().train, glassnet.load_fashion_mnist().test
    network = glassnet.NeuralNetwork(N=1, A=[32], epochs=3, batch_size=64, lr=0.1, random_state=0)
    network.fit(glassnet.flatten(images), labels)
    accuracy = network.score(glassnet.flatten(test.images), test.labels)
    assert accuracy > 0.6, accuracy
    print("a network learns, and the report of a study is written")
    words = ["study", "run", "hand", "--quick", "--quiet", "--out", "run"]
    subprocess.run([program, *words], check=True, stdout=subprocess.DEVNULL)
    assert "</html>" in Path("run/report.html").read_text(encoding="utf-8")


if __name__ == "__main__":
    main()
