"""Hostile inputs made by hand: they ask for endless work, hide in a name, or are in no format at all."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mutations import reseal_with
from workers import CRASH, EQUAL, HANG, REFUSED, VALID, judge_refusal, run_command

ESCAPES = "\x1b[31mred\x1b]0;title\x07\x9b5m\u202e"
"""What would colour a terminal, name its window, and turn a line of text round."""
BOMB = "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
"""YAML of 300 bytes that stands for 9^8 values; begin with ``a: &a [1]``."""
YAML_BOMB = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + BOMB
LONG = "x" * 5_000


def _nested_anchors() -> str:
    """Return a value of 300 bytes that stands for 9^8, with its anchors inside it."""
    value = "1"
    for anchor in "abcdefgh":
        value = f"[&{anchor} {value}, {', '.join([f'*{anchor}'] * 8)}]"
    return value


NESTED = _nested_anchors()
"""As `YAML_BOMB`, for files that take no name of an anchor beside what they are about."""

PROBLEM = "sizes = [1, 1]\nx = [[1]]\ny = [[2]]\nlr = 0.1\n"
POINTS = "name,x1,x2,class\nA,0,0,+1\nB,1,0,-1\n"
SHEET = "step,quantity,value\n1,h1,0.5932\n"
TABLE = "a,b,kind\n1,2,0\n3,4,1\n5,6,0\n"

TRACE = ("trace", "in")
GRADE = ("grade", "in", "--problem", "textbook-sigmoid")
SOLVE = ("svm", "solve", "in")
ANSWER = ("svm", "solve", "assignment", "--claims", "in")
CLAIMS = ("doctor", "--claims", "in")
COMMANDS = {
    "trace": (TRACE, (".toml", ".yaml", ".json")),
    "grade": (GRADE, (".csv", ".toml", ".yaml", ".json")),
    "solve": (SOLVE, (".csv", ".toml", ".yaml", ".json")),
    "answer": (ANSWER, (".toml", ".yaml", ".json")),
    "claims": (CLAIMS, (".csv", ".toml", ".yaml", ".json")),
}
"""The commands that read what people write, and the formats of each; ``in`` stands for the file."""


@dataclass(frozen=True)
class Case:
    """Describe an input, and what is to come of it.

    Attributes
    ----------
    name : str
    words : tuple of str
        Of the command; ``in`` stands for the first of the files.
    files : dict
        By their names: text, bytes, or a function that is called with the path.
    kind : str
        What is to come of it: `REFUSED`, or `VALID` where it is unusual and yet all right.
    shows : str
        What the answer must have in it.
    """

    name: str
    words: tuple[str, ...]
    files: dict[str, str | bytes | Callable[[Path], object]] = field(default_factory=dict)
    kind: str = REFUSED
    shows: str = ""


def _claims(score: str = "{model: a, split: test, score: 0.5}", **rest: str) -> str:
    return "".join(f"{key}: {value}\n" for key, value in rest.items()) + f"scores:\n- {score}\n"


def _cases() -> list[Case]:
    cases = []

    def add(name: str, words: tuple[str, ...], content: Any = None, file: str = "", **more: Any) -> None:
        files = {} if content is None else {file: content}
        cases.append(Case(name, words, files | more.pop("beside", {}), **more))

    # Little text that asks for endless work.
    for number in ("1e100000000", "-1e100000000", "1e-100000000", "1e" + "9" * 30, "9" * 5_000):
        short = number if len(number) < 20 else f"{len(number)} characters"
        add(f"a coordinate {short}", SOLVE, POINTS.replace("1,0,-1", f"{number},0,-1"), "p.csv")
        add(f"a coordinate in YAML {short}", SOLVE, f"- {{x: {number}, y: 1}}\n- {{x: 1, y: -1}}\n", "p.yaml")
        add(f"a weight {short}", ("svm", "margin", "--w", f"{number},0", "--b", "5", "--points", "2,3;3,3"))
        add(f"a bias {short}", ("svm", "margin", "--w", "1,0", "--b", number, "--points", "2,3;3,3"))
        add(f"a new point {short}", ("svm", "solve", "assignment", "--new", f"{number},1"))
        add(f"a claimed bias {short}", ANSWER, f"b: {number}\n", "a.yaml")
        add(f"a claimed margin {short}", ANSWER, f'margin = "{number}"\n', "a.toml")
        add(
            f"a claimed equation {short}",
            ANSWER,
            json.dumps({"equation": [{"label": "A", "x": [1, 0], "value": number}]}),
            "a.json",
        )
        add(f"a score {short}", CLAIMS, _claims(f"{{model: a, split: test, score: {number}}}"), "c.yaml")
        add(f"a value of a sheet {short}", GRADE, SHEET.replace("0.5932", number), "s.csv")
        nearest = VALID if number.startswith("1e-") else REFUSED  # a number of floating type: 0 is nearest
        add(f"a sample {short}", TRACE, PROBLEM.replace("[[1]]", f"[[{number}]]"), "p.toml", kind=nearest)
    for name, (words, formats) in COMMANDS.items():
        if ".yaml" in formats:
            add(f"anchors in {name}", words, YAML_BOMB, "in.yaml")
            key = {"grade": "rows", "solve": "points", "claims": "scores"}.get(name, "x")
            add(f"anchors as {key} of {name}", words, f"{YAML_BOMB}{key}: *i\n", "in.yaml")
            add(f"a loop of anchors in {name}", words, f"{key}: &a [*a]\n", "in.yaml")
    for key in ("w", "b", "margin", "support_vector", "equation", "new_point"):
        add(f"anchors in a claimed {key}", ANSWER, f"{key}: {NESTED}\n", "a.yaml")
    for key in ("model", "split", "score", "answers", "lr"):
        row = {"model": "a", "split": "test", "score": "0.5", key: NESTED}
        row_text = ", ".join(f"{name}: {value}" for name, value in row.items())
        add(f"anchors as {key} of a score", CLAIMS, _claims(f"{{{row_text}}}"), "c.yaml")
    for key in ("labels", "of"):
        splits = f"{{test: {{size: 3, {key}: {NESTED}}}}}"
        add(f"anchors as {key} of a split", CLAIMS, _claims(splits=splits), "c.yaml")
    add("sizes 20000 x 20000", TRACE, PROBLEM.replace("[1, 1]", "[20000, 20000]"), "p.toml")
    add("--sizes 20000,20000", ("trace", "--sizes", "20000,20000", "--x", "1", "--y", "1"))
    add("a size of 400 digits", TRACE, PROBLEM.replace("[1, 1]", f"[1, {'9' * 400}]"), "p.toml")
    add("steps = 1000000000", TRACE, PROBLEM + "steps = 1000000000\n", "p.toml")
    add("--steps 1000000000", ("trace", "assignment", "--steps", "1000000000"))
    add("a seed of 4300 digits", TRACE, PROBLEM + f"seed = {'9' * 4300}\n", "p.toml")
    add("n_classes: 100000000000", CLAIMS, _claims(n_classes="100000000000"), "c.yaml")
    add("labels: [99999999999]", CLAIMS, _claims(splits="{test: {labels: [99999999999]}}"), "c.yaml")
    add(
        "answers: [99999999999]",
        CLAIMS,
        _claims("{model: a, split: test, score: 0.5, answers: [99999999999, 0]}"),
        "c.yaml",
    )
    add(
        "size: 100000000000000000000",
        CLAIMS,
        _claims(splits="{test: {size: 100000000000000000000}}"),
        "c.yaml",
    )
    add("folds: 1e300", CLAIMS, _claims("{model: a, split: test, score: 0.5, folds: 1e300}"), "c.yaml")
    add("labels: /dev/zero", CLAIMS, _claims(splits="{test: {labels: /dev/zero}}"), "c.yaml")
    add(
        "answers: /dev/zero",
        CLAIMS,
        _claims("{model: a, split: test, score: 0.5, answers: /dev/zero}"),
        "c.yaml",
    )
    many = {
        "splits": {f"s{i}": {"size": 1_000} for i in range(5_000)},
        "scores": [{"model": f"m{i}", "split": f"s{i}", "score": "0.875"} for i in range(5_000)],
    }
    add("5,000 splits", CLAIMS, json.dumps(many), "c.json", kind=VALID)
    pipe = {"labels.txt": os.mkfifo}
    add("labels in a FIFO", CLAIMS, _claims(splits="{test: {labels: labels.txt}}"), "c.yaml", beside=pipe)
    for name, (words, formats) in COMMANDS.items():
        for form in formats:
            add(f"{name} of a FIFO, {form}", words, os.mkfifo, f"in{form}")
            add(f"{name} of a folder, {form}", words, Path.mkdir, f"in{form}")
            add(f"{name} of /dev/zero, {form}", words, lambda path: path.symlink_to("/dev/zero"), f"in{form}")
            add(f"{name} of a path of 5,000 characters, {form}", _named(words, LONG + form))
            add(f"{name} of a path with NUL, {form}", _named(words, f"a\0b{form}"))
            add(f"{name} of no file, {form}", _named(words, f"none{form}"))
            add(f"{name} of bytes, {form}", words, bytes(range(256)), f"in{form}")
            add(f"{name} of nothing, {form}", words, b"", f"in{form}")
    for kind, make in (("FIFO", os.mkfifo), ("link to /dev/zero", lambda path: path.symlink_to("/dev/zero"))):
        add(
            f"a model in a {kind}",
            ("doctor", "in", "--data", "t.csv"),
            make,
            "m.safetensors",
            beside={"t.csv": TABLE},
        )
        add(
            f"data in a {kind}",
            ("doctor", "in", "--data", "t.csv"),
            _model,
            "m.safetensors",
            beside={"t.csv": make},
        )
        add(
            f"a config in a {kind}",
            ("study", "run", "mnist-init", "--quick", "--out", "."),
            make,
            "config.json",
        )
        add(f"results in a {kind}", ("doctor", "."), make, "results.json")

    # What no reader can make sense of.
    for name, (words, formats) in COMMANDS.items():
        for form in formats:
            for what, text in (
                ("100,000 brackets", "[" * 100_000),
                ("100,000 braces", '{"a":' * 100_000),
                ("3,000 dashes", "- " * 3_000),
                (
                    "a whole number of 5,000 digits",
                    f"x = {'9' * 5_000}" if form == ".toml" else f'{{"x": {"9" * 5_000}}}',
                ),
            ):
                add(f"{name} of {what}, {form}", words, text, f"in{form}")
        for tag in (
            "!!python/object/apply:os.system [id]",
            "!!timestamp x",
            "2026-99-99",
            "!!binary ?",
            "!!int x",
            "!y x",
        ):
            add(f"{name} of YAML with {tag.split()[0]}", words, f"x: {tag}\n", "in.yaml")
    add("a CSV cell of 140,000 characters", SOLVE, POINTS.replace("A,", "A" * 140_000 + ","), "p.csv")
    add("a CSV number of 140,000 characters", GRADE, SHEET.replace("0.5932", "1" * 140_000), "s.csv")
    add("a learning rate of 400 digits", TRACE, PROBLEM.replace("0.1", "9" * 400), "p.toml")
    add("a penalty of 400 digits", TRACE, PROBLEM + f"alpha = {'9' * 400}\n", "p.toml")
    add("samples: 0", CLAIMS, "model,split,score,samples\na,test,0.5,0\n", "c.csv")
    add("samples: -1", CLAIMS, "model,split,score,samples\na,test,0.5,-1\n", "c.csv")
    add("size: 0", CLAIMS, _claims(splits="{test: {size: 0}}"), "c.yaml")
    add("labels: []", CLAIMS, _claims(splits="{test: {labels: []}}"), "c.yaml")
    add("labels: [[0], [1]]", CLAIMS, _claims(splits="{test: {labels: [[0], [1]]}}"), "c.yaml")
    add("labels: [[0], [1, 2]]", CLAIMS, _claims(splits="{test: {labels: [[0], [1, 2]]}}"), "c.yaml")
    add("labels: {a: 1}", CLAIMS, _claims(splits="{test: {labels: {a: 1}}}"), "c.yaml")
    add("n_classes: [1]", CLAIMS, _claims(n_classes="[1]"), "c.yaml")
    add("n_classes: -3", CLAIMS, _claims(n_classes="-3"), "c.yaml")
    for score in ('"0.9"x', "nan", "inf", "-0.5", "[0.5]", "{a: 1}"):
        add(f"score: {score}", CLAIMS, _claims(f"{{model: a, split: test, score: {score}}}"), "c.yaml")
    for what, change in MODEL_CHANGES.items():
        make = _model_with(change)
        add(
            f"a model with {what}",
            ("doctor", "in", "--data", "t.csv"),
            make,
            "m.safetensors",
            beside={"t.csv": TABLE},
        )

    # Names that hide something, which are shown as what they are.
    for what, name in (
        ("escape sequences", ESCAPES),
        ("markup", "[/red]"),
        ("markup of a link", "[link=http://a]b[/link]"),
    ):
        shows = "" if name == ESCAPES else name
        quoted = json.dumps(name)
        for form in ("terminal", "text", "markdown", "json"):
            words = (*TRACE, "--format", form)
            add(
                f"a problem called by {what}, {form}",
                words,
                PROBLEM + f"name = {quoted}\n",
                "p.toml",
                kind=VALID,
                shows=shows if form in ("terminal", "text") else "",
            )
        add(f"a problem file called by {what}", TRACE, PROBLEM, f"{name.replace('/', '')}.toml", kind=VALID)
        add(
            f"a point called by {what}",
            SOLVE,
            POINTS.replace("A,", f"{name},"),
            "p.csv",
            kind=VALID,
            shows=shows,
        )
        add(f"a class called by {what}", SOLVE, POINTS.replace("+1", name), "p.csv", kind=VALID, shows=shows)
        add(f"a feature called by {what}", SOLVE, POINTS.replace("x1", name), "p.csv", kind=VALID)
        for key in ("model", "split"):  # a difference that is too small, of which both names are said
            best = {"model": "a", "split": "test", "score": 0.913, "samples": 1000, key: name}
            second = best | {"model": "b", "score": 0.910}
            add(
                f"a {key} called by {what}",
                CLAIMS,
                json.dumps({"scores": [best, second]}),
                "c.json",
                kind=VALID,
                shows=shows,
            )
        add(f"a sheet called by {what}", GRADE, SHEET, f"{name.replace('/', '')}.csv", kind=VALID)
        add(f"a quantity called by {what}", GRADE, SHEET.replace("h1", name), "s.csv")
        add(f"a setting called by {what}", TRACE, PROBLEM + f"{quoted} = 1\n", "p.toml")
        add(f"a claim called by {what}", ANSWER, f"{{{quoted}: 1}}", "a.json")
        add(f"an activation called by {what}", TRACE, PROBLEM + f"activation = [{quoted}]\n", "p.toml")
        add(
            f"an answer for a label called by {what}",
            ANSWER,
            json.dumps({"new_point": [{"x": [1, 2], "side": name}]}),
            "a.json",
        )

    # Messages that would repeat all of an input.
    add("a long quantity", GRADE, SHEET.replace("h1", LONG), "s.csv")
    add("a long value", GRADE, SHEET.replace("0.5932", LONG), "s.csv")
    add("a long step", GRADE, SHEET.replace("1,h1", f"{LONG},h1"), "s.csv")
    add("long columns", GRADE, SHEET.replace("step", LONG), "s.csv")
    add("long names of points", SOLVE, f"name,x1,class\n{LONG},1,+\n{LONG},2,-\n", "p.csv")
    add("a long coordinate", SOLVE, POINTS.replace("A,0", f"A,{LONG}"), "p.csv")
    add("many columns", SOLVE, "name," + ",".join(map(str, range(3_000))) + "\n", "p.csv")
    add("many classes", SOLVE, "x,class\n" + "".join(f"{i},{LONG[:100]}{i}\n" for i in range(500)), "p.csv")
    add("a long setting", TRACE, f"{PROBLEM}{LONG} = 1\n", "p.toml")
    add("a long activation", TRACE, f'{PROBLEM}activation = ["{LONG}"]\n', "p.toml")
    add("a long optimizer", TRACE, f'{PROBLEM}optimizer = "{LONG}"\n', "p.toml")
    add(
        "an optimizer with a long setting",
        TRACE,
        f'{PROBLEM}optimizer = {{name = "adam", {LONG} = 1}}\n',
        "p.toml",
    )
    add("words for numbers", TRACE, PROBLEM.replace("[[1]]", f'[["{LONG}"]]'), "p.toml")
    add("many words for numbers", TRACE, PROBLEM.replace("[[1]]", json.dumps([["a"] * 3_000])), "p.toml")
    add(
        "many targets",
        TRACE,
        'sizes = [1, 1]\nloss = "poisson"\n' + f"x = {[[1]] * 2000}\ny = {[[-1]] * 2000}\n",
        "p.toml",
    )
    add("a long claim", ANSWER, json.dumps({LONG: 1}), "a.json")
    add("a long side", ANSWER, json.dumps({"new_point": [{"x": [1, 2], "side": LONG}]}), "a.json")
    add("a long margin", ANSWER, json.dumps({"margin": LONG}), "a.json")
    add("tables that are none", ANSWER, json.dumps({"equation": [LONG] * 100}), "a.json")
    add(
        "a long score",
        CLAIMS,
        json.dumps({"scores": [{"model": "a", "split": "b", "score": LONG}]}),
        "c.json",
    )
    add("rows that are none", CLAIMS, json.dumps({"scores": [[LONG] * 100]}), "c.json")
    add("a long path of labels", CLAIMS, _claims(splits=f"{{test: {{labels: {LONG}}}}}"), "c.yaml")
    add("a long option", ("trace", "--x", LONG, "--y", "1", "--sizes", "1,1"))
    add("long sizes", ("trace", "--x", "1", "--y", "1", "--sizes", LONG))
    add("a long name of a study", ("study", "run", LONG))
    add("a long name of a data set", ("data", "show", LONG))
    add("a long format", TRACE, PROBLEM, f"in.{LONG[:200]}")
    return cases


def _named(words: tuple[str, ...], path: str) -> tuple[str, ...]:
    return tuple(path if word == "in" else word for word in words)


# -- models that are whole, and make no sense -------------------------------------------------------------

MODEL_CHANGES: dict[str, Callable[[dict[str, Any], dict[str, Any]], object]] = {
    "n_features_in_ 3000": lambda header, outer: header["fitted"].update(n_features_in_=3_000),
    "n_features_in_ a word": lambda header, outer: header["fitted"].update(n_features_in_="2"),
    "n_layers_ 7": lambda header, outer: header["fitted"].update(n_layers_=7),
    "n_iter_ a word": lambda header, outer: header["fitted"].update(n_iter_="x"),
    "n_outputs_ 9": lambda header, outer: header["fitted"].update(n_outputs_=9),
    "a label_type of another": lambda header, outer: header["fitted"].update(
        _label_type="multilabel-indicator"
    ),
    "a label_type that is none": lambda header, outer: header["fitted"].update(_label_type="x"),
    "an attribute that is none": lambda header, outer: header["fitted"].update(predict="x"),
    "sizes that do not fit": lambda header, outer: header.update(sizes=[2, 4000, 1]),
    "sizes of 400 digits": lambda header, outer: header.update(sizes=[2, 10**400, 1]),
    "a history of words": lambda header, outer: header.update(
        history={"records": ["x"], "stopping_reason": 1}
    ),
    "a parameter that is none": lambda header, outer: header["parameters"].update({ESCAPES: 1}),
    "a kind that is none": lambda header, outer: header.update(kind=f"{ESCAPES}{LONG}"),
    "a format version to come": lambda header, outer: header.update(format_version=LONG),
    "weights of float8": lambda header, outer: outer["theta"].update(dtype="F8_E4M3"),
    "weights of complex numbers": lambda header, outer: outer["theta"].update(dtype="C64"),
}


def _model(path: Path) -> None:
    import numpy as np

    from glassnet import MLPClassifier

    X = np.arange(20.0).reshape(10, 2)
    MLPClassifier((3,), max_iter=1, random_state=0).fit(X, np.arange(10) % 2).save(path)


def _model_with(change: Callable[[dict[str, Any], dict[str, Any]], object]) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        _model(path)
        path.write_bytes(reseal_with(path.read_bytes(), change))

    return make


CASES = _cases()


def run_case(number: int) -> tuple[str, str]:
    """Write the files of a case into this folder, and run its command."""
    case = CASES[number]
    for name, content in case.files.items():
        path = Path(name)
        if isinstance(content, str | bytes):
            path.write_bytes(
                content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
            )
        else:
            content(path)
    first = next(iter(case.files), "in")
    return run_command([first if word == "in" else word for word in case.words])


# -- what no command reads --------------------------------------------------------------------------------


def _fifo(name: str) -> Path:
    path = Path(name)
    os.mkfifo(path)
    return path


def _read_with(module: str, function: str, path: Path, **settings: Any) -> Any:
    from importlib import import_module

    owner, _, method = function.partition(".")
    found = getattr(import_module(module), owner)
    return (getattr(found, method) if method else found)(path, **settings)


FUNCTIONS: dict[str, Callable[[], Any]] = {
    "read_idx of a FIFO": lambda: _read_with("glassnet.data", "read_idx", _fifo("a.idx")),
    "idx_sha256 of a FIFO": lambda: _read_with("glassnet.data", "idx_sha256", _fifo("a.idx")),
    "read_idx of /dev/zero": lambda: _read_with("glassnet.data", "read_idx", Path("/dev/zero")),
    "load of a FIFO": lambda: _read_with("glassnet", "load", _fifo("a.safetensors")),
    "load of /dev/zero": lambda: _read_with("glassnet", "load", Path("/dev/zero")),
    "load of a path with NUL": lambda: _read_with("glassnet", "load", Path("a\0b")),
    "load of a long path": lambda: _read_with("glassnet", "load", Path(LONG)),
    "read_idx of a path with NUL": lambda: _read_with("glassnet.data", "read_idx", Path("a\0b")),
    "read_idx of a long path": lambda: _read_with("glassnet.data", "read_idx", Path(LONG)),
    "NeuralNetwork.load of a FIFO": lambda: _read_with(
        "glassnet", "NeuralNetwork.load", _fifo("a.safetensors")
    ),
    "Stream.of_csv of a FIFO": lambda: _read_with("glassnet", "Stream.of_csv", _fifo("a.csv")),
    "Stream.of_parquet of a FIFO": lambda: _read_with("glassnet", "Stream.of_parquet", _fifo("a.parquet")),
    "Stream.of_csv of a path with NUL": lambda: _read_with("glassnet", "Stream.of_csv", Path("a\0b.csv")),
    "Stream.of_csv of a long path": lambda: _read_with("glassnet", "Stream.of_csv", Path(LONG)),
    "read_table_file of a FIFO": lambda: _read_with(
        "glassnet.data.table_files", "read_table_file", _fifo("a.csv")
    ),
    "read_table_file of a path with NUL": lambda: _read_with(
        "glassnet.data.table_files", "read_table_file", Path("a\0b.csv")
    ),
    "read_table_file of a long path": lambda: _read_with(
        "glassnet.data.table_files", "read_table_file", Path(LONG)
    ),
    "read_results of a FIFO": lambda: _read_with(
        "glassnet.studies", "RunFolder", _fifo("results.json").parent
    ).read_results(),
    "read_config of a FIFO": lambda: _read_with(
        "glassnet.studies", "RunFolder", _fifo("config.json").parent
    ).read_config(),
}
"""Readers that are called from Python; each must raise a `GlassnetError`."""


def run_function(name: str) -> tuple[str, str]:
    """Call one of `FUNCTIONS`."""
    from glassnet.errors import GlassnetError

    try:
        value = FUNCTIONS[name]()
    except GlassnetError as error:
        return judge_refusal(error)
    return EQUAL, f"accepted: {value!r}"


# -- for the tests of the workers themselves --------------------------------------------------------------


def misbehave(how: str) -> tuple[str, str]:
    """Do what a reader must not."""
    import time

    match how:
        case "loop":
            while True:
                pass
        case "wait":
            time.sleep(600)
        case "die":
            os._exit(3)
        case "eat":
            return VALID, str(len(bytearray(1 << 31)))
        case "raise":
            raise LookupError(how)
    return VALID, how


MISBEHAVIOUR = {"loop": HANG, "wait": HANG, "die": CRASH, "eat": "memory", "raise": CRASH, "nothing": VALID}
