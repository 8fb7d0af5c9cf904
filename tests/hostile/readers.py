"""Every reader of glassnet, with undamaged files for it and with what its answers are compared with.

Of what a machine wrote, only the undamaged values are right. Of what a person wrote, a changed digit makes
another file that is as good: there an answer is right when a second, plain reading of the same text, in
`witnesses`, gives the same.
"""

import gzip
import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import witnesses
from mutations import damage_bytes, edit_text, edit_tree, reseal, write_tree

Files = Mapping[str, bytes]
Mutation = Callable[[Random, bytes], bytes]
FORMATS = ("toml", "yaml", "json")


@dataclass(frozen=True)
class Sample:
    """Hold the files of an undamaged input.

    Attributes
    ----------
    files : mapping of str to bytes
        By their paths.
    main : str
        The path that the reader is given; empty where that is the folder.
    tree : object
        What a structured file holds, for changes that leave its form intact; None for others.
    """

    files: Files
    main: str
    tree: Any = None


@dataclass(frozen=True)
class Reader:
    """Describe a reader.

    Attributes
    ----------
    name : str
    samples : callable
        Makes the undamaged inputs.
    mutations : tuple of callables
        ``mutation(rng, content) -> content``, for one of the files.
    read : callable
        ``read(path) -> value``: reads, and does with it what follows in a command. A `GlassnetError` is a
        refusal.
    judge : callable or None
        ``judge(value, path) -> str`` says why a value that is not the undamaged one is wrong; empty when it
        is right. None where only the undamaged value is right.
    is_part : bool
        Whether a part of the undamaged value, a dict, is right too: the rest is made anew.
    words : tuple of str
        The command line that reads such a file, with PATH for it; empty where none does.
    weight : int
        Of a hundred inputs so many are for this reader, more or less.
    """

    name: str
    samples: Callable[[], list[Sample]]
    mutations: tuple[Mutation, ...]
    read: Callable[[Path], Any]
    judge: Callable[[Any, Path], str] | None = None
    is_part: bool = False
    words: tuple[str, ...] = ()
    weight: int = 4

    def damage(self, rng: Random) -> tuple[Sample, int]:
        """Return a damaged input, and the place of the undamaged one in `samples`."""
        place = rng.randrange(len(samples_of(self.name)))
        sample = samples_of(self.name)[place]
        name = rng.choice(list(sample.files))
        if sample.tree is not None and rng.random() < 0.4:
            name = sample.main or name
            content = write_tree(edit_tree(rng, sample.tree), Path(name).suffix[1:])
        elif self.is_part and rng.random() < 0.4:
            content = _tamper(rng, name, sample.files)
        else:
            content = rng.choice(self.mutations)(rng, sample.files[name])
        return Sample({**sample.files, name: content}, sample.main), place


@cache
def samples_of(name: str) -> list[Sample]:
    """Return a reader's undamaged inputs."""
    return READERS[name].samples()


@cache
def originals(name: str) -> list[Any]:
    """Return the values of a reader's undamaged inputs."""
    values = []
    for sample in samples_of(name):
        with TemporaryDirectory() as folder:
            write_files(sample, Path(folder))
            values.append(READERS[name].read(Path(folder) / sample.main))
    return values


def write_files(sample: Sample, folder: Path) -> None:
    """Write the files of an input into a folder."""
    for name, content in sample.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def is_same(a: Any, b: Any) -> bool:
    """Say whether two values are equal, types and dtypes too, with NaN equal to NaN."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        alike = isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.dtype == b.dtype
        return alike and a.shape == b.shape and a.tobytes() == b.tobytes()
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(is_same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(is_same, a, b))
    if is_dataclass(a):
        return all(is_same(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    return bool(a == b) or (isinstance(a, float) and a != a and b != b)


def _text(mutate: Callable[[Random, str], str]) -> Mutation:
    return lambda rng, content: mutate(rng, content.decode("utf-8", "replace")).encode("utf-8", "replace")


BYTES = (damage_bytes,)
TEXT = (damage_bytes, _text(edit_text), _text(edit_text), _text(edit_text))


# -- IDX --------------------------------------------------------------------------------------------------


def _idx_samples(suffix: str) -> list[Sample]:
    from glassnet.data import write_idx

    rng, samples = np.random.default_rng(0), []
    with TemporaryDirectory() as folder:
        for dtype in ("u1", "i1", "i2", "i4", "f4", "f8"):
            for shape in ((7,), (5, 4, 3)):
                path = Path(folder) / f"numbers{suffix}"
                write_idx(path, (rng.normal(size=shape) * 50).astype(dtype))
                samples.append(Sample({path.name: path.read_bytes()}, path.name))
    return samples


def _read_idx(path: Path) -> Any:
    from glassnet.data import read_idx

    return read_idx(path)


def _read_idx_by_digest(path: Path) -> Any:
    from glassnet.data import read_idx

    return read_idx(path, sha256=path.name)


def _idx_by_digest() -> list[Sample]:
    """Return IDX files that are called by the digest of what they hold."""
    samples = []
    for sample in _idx_samples("") + _idx_samples(".gz"):
        (content,) = sample.files.values()
        plain = gzip.decompress(content) if sample.main.endswith(".gz") else content
        digest = hashlib.sha256(plain).hexdigest()
        samples.append(Sample({digest: content}, digest))
    return samples


# -- models -----------------------------------------------------------------------------------------------


def _model_samples() -> list[Sample]:
    import warnings

    from glassnet import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork

    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 3))
    y = X[:, 0] + X[:, 1] > 0
    words = np.where(y, "elm", "oak ü")
    shared: dict[str, Any] = {"max_iter": 2, "random_state": 0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        models = [
            NeuralNetwork(N=1, A=[4], epochs=2, random_state=0).fit(X, words, X, words),
            NeuralNetwork(N=2, A=[3, 2], epochs=2, activation=["relu", "tanh"]).fit(X, y.astype(int)),
            MLPClassifier((4,), **shared).fit(X, words),
            MLPClassifier((3, 2), early_stopping=True, **shared).fit(X, X[:, 2].round().astype(int)),
            MLPClassifier((4,), **shared).fit(X, np.column_stack([y, ~y]).astype(int)),
            MLPRegressor("squared_error", (4,), dtype="float32", **shared).fit(X, X[:, :2]),
            MLPAutoencoder((3, 2), symmetric=True, **shared).fit(X),
        ]
    samples = []
    with TemporaryDirectory() as folder:
        for model in models:
            path = Path(folder) / "model.safetensors"
            model.save(path)
            samples.append(Sample({path.name: path.read_bytes()}, path.name))
    old = Path(__file__).parent.parent / "data"
    names = ("classifier_format_1.safetensors", "network_format_1.safetensors")
    return samples + [Sample({name: (old / name).read_bytes()}, name) for name in names]


def _read_model(path: Path) -> Any:
    import glassnet

    return describe_model(glassnet.load(path))


def describe_model(model: Any) -> dict[str, Any]:
    """Return all that a model is, and what it answers."""
    n = model.architecture_.sizes[0]
    X = np.linspace(-1, 1, 3 * n).reshape(3, n)
    answers = [
        getattr(model, name)(X) for name in ("predict", "predict_proba", "transform") if hasattr(model, name)
    ]
    fitted = {
        name: value for name, value in vars(model).items() if name.endswith("_") and not name.startswith("_")
    }
    known = {name: value for name, value in fitted.items() if name not in ("architecture_", "parameters_")}
    return {
        "kind": type(model).__name__,
        "sizes": model.architecture_.sizes,
        "activations": [activation.name for activation in model.architecture_.activations],
        "head": (model.architecture_.head.name, model.architecture_.head.output),
        "theta": model.parameters_.theta,
        "fitted": known,
        "settings": repr(model.get_params()),
        "repr": repr(model),
        "answers": answers,
    }


def _judge_model(value: Any, path: Path) -> str:
    """A model of changed numbers is another one: it must answer, and come back from a file of its own."""
    import glassnet

    again = path.with_name("again.safetensors")
    glassnet.load(path).save(again)
    if not is_same(_read_model(again), value):
        return "saved and loaded again it is another model"
    sizes = witnesses.sizes_of(path)
    if list(value["sizes"]) != sizes:
        return f"sizes are {value['sizes']}, and {sizes} in the file"
    if value["theta"].tobytes() != witnesses.tensor(path, "theta"):
        return "its weights are not those of the file"
    n_features = value["fitted"].get("n_features_in_", value["sizes"][0])
    if n_features != value["sizes"][0] or type(n_features) is not int:
        return f"n_features_in_ is {n_features!r} for sizes {value['sizes']}"
    return ""


# -- run folders ------------------------------------------------------------------------------------------


@cache
def _tiny_study() -> Any:
    from tiny_study import tiny_study

    return tiny_study("relu", "tanh")


@cache
def _run_files() -> Files:
    from glassnet.studies.runner import run_study

    study = _tiny_study()
    with TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        for _ in run_study(study, study.config(quick=True), run, jobs=1):
            pass
        return {
            str(path.relative_to(run)): path.read_bytes()
            for path in sorted(run.rglob("*"))
            if path.is_file() and path.name != "pid"
        }


def _run_samples() -> list[Sample]:
    return [Sample(_run_files(), "")]


def _read_run(path: Path) -> Any:
    """Resume a run: return what it takes over. What it takes for not finished is trained anew."""
    from glassnet.models.model_file import read_model
    from glassnet.studies.folder import MODEL_FILE
    from glassnet.studies.runner import run_study

    study = _tiny_study()
    run = run_study(study, study.config(quick=True), path, jobs=1)
    first = next(run)
    run.close()
    results = {result.name: asdict(result) for result in first.results.models}
    return {
        model.spec.name: {
            "history": model.history.to_json(),
            "result": results.get(model.spec.name),
            "weights": read_model(path / "models" / model.spec.name / MODEL_FILE, None)[0]["theta"],
        }
        for model in first.models
        if model.is_done
    }


def _results_samples() -> list[Sample]:
    return [
        Sample({"results.json": _run_files()["results.json"]}, "", json.loads(_run_files()["results.json"]))
    ]


def _read_results(path: Path) -> Any:
    from glassnet.studies.folder import RunFolder

    return RunFolder(path).read_results()


def _config_samples() -> list[Sample]:
    from glassnet.studies.reproduction import AssignmentConfig, AssignmentFolder

    with TemporaryDirectory() as folder:
        AssignmentFolder(folder).claim(AssignmentConfig(quick=True, seed=3))
        assignment = (Path(folder) / "assignment.json").read_bytes()
    config = _run_files()["config.json"]
    return [
        Sample({"config.json": config}, "config.json", json.loads(config)),
        Sample({"assignment.json": assignment}, "assignment.json", json.loads(assignment)),
    ]


def _read_config(path: Path) -> Any:
    from glassnet.studies.folder import RunFolder
    from glassnet.studies.reproduction import AssignmentConfig, AssignmentFolder

    if path.name == "assignment.json":
        config = AssignmentConfig(quick=True, seed=3)
        AssignmentFolder(path.parent).claim(config)
        return config
    study = _tiny_study()
    RunFolder(path.parent).claim(study.config(quick=True))
    return RunFolder(path.parent).read_config()


def _tamper(rng: Random, name: str, files: Files) -> bytes:
    """Return the content of a file of a run that is whole, and not what was written there."""
    if name.endswith(".safetensors"):
        return rng.choice(
            (reseal(rng, files[name]), *(files[n] for n in files if n.endswith(".safetensors")))
        )
    same = [content for other, content in files.items() if Path(other).name == Path(name).name]
    if not name.endswith(".json"):
        return b""
    edited = json.dumps(edit_tree(rng, json.loads(files[name]))).encode()
    return rng.choice((edited, edited, edited, b"{}", b"", rng.choice(same)))


# -- what people write ------------------------------------------------------------------------------------


def _trees(
    named: Mapping[str, Any], *formats: str, beside: Files | None = None
) -> Callable[[], list[Sample]]:
    """Return a function that makes samples of trees in some formats."""

    def make() -> list[Sample]:
        return [
            Sample({f"{name}.{form}": write_tree(tree, form), **(beside or {})}, f"{name}.{form}", tree)
            for name, tree in named.items()
            for form in formats
        ]

    return make


PROBLEMS: dict[str, Any] = {
    "plain": {"sizes": [1, 1], "x": [[1], [2]], "y": [[2], [4]], "lr": 0.01, "digits": 4},
    "hidden": {
        "name": "two units",
        "sizes": [2, 2, 1],
        "activation": "sigmoid",
        "weights": [[[0.15, 0.25], [0.2, 0.3]], [[0.4], [0.5]]],
        "biases": [[0.35, 0.35], [0.6]],
        "x": [[0.05, 0.1]],
        "y": [[0.01]],
        "lr": 0.5,
        "frozen": ["b1", "b2"],
        "names": "units",
    },
    "drawn": {
        "sizes": [2, 3, 2],
        "activation": "tanh",
        "loss": "softmax_cross_entropy",
        "weight_init": "glorot_normal",
        "seed": 4,
        "x": [[1.0, 0.5], [-0.5, 1.0]],
        "y": [[1, 0], [0, 1]],
        "optimizer": {"name": "adam", "beta_1": 0.8},
        "batch_size": 2,
        "steps": 2,
        "alpha": 0.1,
    },
}

SHEETS: dict[str, Any] = {
    "mine": {
        "rows": [
            {"step": 1, "quantity": "z_h1", "value": 0.3775},
            {"step": 1, "quantity": "h1", "value": "0.593270"},
            {"step": 1, "quantity": "dL/dw5", "value": 0.0821},
            {"step": 1, "quantity": "w1", "value": -0.1498},
        ]
    }
}

POINTS: dict[str, Any] = {
    "points": {
        "points": [
            {"name": "A", "x1": 0, "x2": 0, "class": "+1"},
            {"name": "B", "x1": 1, "x2": "1/2", "class": "+1"},
            {"name": "C", "x1": 2, "x2": 2.5, "class": "-1"},
            {"name": "D", "x1": "-2e0", "x2": 3, "class": "-1"},
        ]
    }
}

ANSWERS: dict[str, Any] = {
    "answer": {
        "w": [-2, -2],
        "b": 3,
        "margin": "1/(2*sqrt(2))",
        "equation": [{"label": "A", "x": [1, 0], "value": 1}, {"label": "D", "x": [1, 1], "value": -1}],
        "support_vector": [{"point": "B", "side": "+"}, {"x": ["0", "1"], "side": "+1"}],
        "new_point": [{"x": [1.5, 3], "side": "-"}],
    }
}

CLAIMS: dict[str, Any] = {
    "plain": {
        "scores": [
            {"model": "relu", "split": "test", "score": 0.8227, "samples": 10000},
            {"model": "tanh", "split": "test", "score": "97.3%", "lr": 0.1},
            {"model": "tanh", "split": "validation", "score": 0.95, "loss": 0.25, "folds": 5},
        ]
    },
    "rich": {
        "n_classes": 3,
        "splits": {"test": {"labels": [0, 1, 2, 1, 0, 2, 1, 1]}, "train": {"size": 100, "of": "labels.txt"}},
        "scores": [
            {"model": "a", "split": "test", "score": 0.75, "answers": [0, 1, 2, 1, 0, 2, 0, 0]},
            {"model": "b", "split": "test", "score": 0.5, "confusion": [[1, 1, 0], [1, 2, 1], [0, 1, 1]]},
            {"model": "c", "split": "test", "score": 0.875, "history": [0.5, 0.75, 0.875], "loss": "0.4"},
            {"model": "d", "split": "train", "score": 0.61, "answers": "labels.txt"},
        ],
    },
}
LABELS = {"labels.txt": "\n".join("012" * 34).encode()[:199]}

CSV = "height,width,kind\n1.5,2,0\n-3e-2,4.25,1\n5,6,1\n7,8.125,0\n" + "".join(
    f"{i},{i / 8},1\n" for i in range(9)
)
WORDS = CSV.replace(",0\n", ",elm\n").replace(",1\n", ",oak\n")


def _csv_samples() -> list[Sample]:
    return [
        Sample({f"{name}.csv": text.encode()}, f"{name}.csv") for name, text in (("a", CSV), ("b", WORDS))
    ]


def _read_problem(path: Path) -> Any:
    from glassnet.worked import read_problem
    from glassnet.worked.tracing import trace_problem

    problem = read_problem(path)
    trace = trace_problem(problem)
    for text in (trace.to_text(), trace.to_markdown(), trace.to_latex(), trace.to_html()):
        assert text
    json.dumps(trace.to_json(), allow_nan=False)
    return witnesses.show_problem(problem)


def _read_sheet(path: Path) -> Any:
    from glassnet.worked.grade.grade import grade_sheet
    from glassnet.worked.problem_file import read_problem
    from glassnet.worked.sheet import read_sheet

    sheet = read_sheet(path)
    graded = grade_sheet(sheet, read_problem("textbook-sigmoid"))
    assert graded.to_text()
    json.dumps(graded.to_json(), allow_nan=False)
    return witnesses.show_sheet(sheet)


def _read_points(path: Path) -> Any:
    from glassnet.worked.svm.points import read_points
    from glassnet.worked.svm.solve import solve_svm

    points = read_points(path)
    assert str(solve_svm(points))
    return witnesses.show_points(points)


def _read_answer(path: Path) -> Any:
    from glassnet.worked.svm.assignment import solve_a3
    from glassnet.worked.svm.check import check_answer, read_answer

    answer = read_answer(path)
    check_answer(_once(solve_a3), answer)
    return witnesses.as_texts(answer)


@cache
def _once(make: Callable[[], Any]) -> Any:
    return make()


def _read_claims(path: Path) -> Any:
    from glassnet.doctor.scores.claim_check import check_claims
    from glassnet.doctor.scores.claims import read_claims

    claims = read_claims(path)
    checked = check_claims(claims)
    assert str(checked)
    json.dumps(checked.to_json())
    return witnesses.show_claims(claims)


def _read_table(path: Path) -> Any:
    from glassnet.doctor.files import load_data

    data = load_data(str(path), None)
    return [data.X, data.y]


def _read_stream(path: Path) -> Any:
    from glassnet import Stream

    make = Stream.of_parquet if path.suffix == ".parquet" else Stream.of_csv
    parts = list(make(path, y="kind"))
    X, y = (
        (np.concatenate(part) for part in zip(*parts, strict=True)) if parts else (np.empty(0), np.empty(0))
    )
    return [X, y]


# -- Parquet ----------------------------------------------------------------------------------------------


def _parquet_samples() -> list[Sample]:
    import pyarrow as pa
    from pyarrow import parquet

    rng, samples = np.random.default_rng(0), []
    table = pa.table(
        {
            "height": rng.normal(size=300),
            "width": rng.integers(-9, 2**40, 300),
            "depth": rng.normal(size=300).astype(np.float32),
            "flag": rng.integers(0, 2, 300).astype(bool),
            "kind": rng.integers(0, 3, 300).astype(np.int64),
        }
    )
    words = table.set_column(4, "kind", pa.array(rng.choice(["ash", "elm"], 300)))
    for frame, options in (
        (table, {"compression": "none"}),
        (table, {"compression": "snappy", "use_dictionary": False, "row_group_size": 100}),
        (words, {"compression": "gzip", "data_page_version": "2.0", "data_page_size": 500}),
    ):
        sink = pa.BufferOutputStream()
        parquet.write_table(frame, sink, write_page_checksum=True, **options)
        samples.append(Sample({"a.parquet": sink.getvalue().to_pybytes()}, "a.parquet"))
    return samples


def _read_table_file(path: Path) -> Any:
    """Read a table as `glassnet fit` does, whole and in chunks, which have to agree."""
    from glassnet.data.table_files import read_chunks, read_table_file

    table = read_table_file(path)
    chunks = [chunk.to_pydict() for chunk in read_chunks(path, table.kinds, {})]
    whole = {name: [value for chunk in chunks for value in chunk[name]] for name in table.kinds}
    assert repr(whole) == repr(table.frame.to_pydict())  # NaN is not itself
    return [repr(whole)]


def _feather_samples() -> list[Sample]:
    import pyarrow as pa
    from pyarrow import feather

    rng = np.random.default_rng(0)
    table = pa.table(
        {
            "height": rng.normal(size=300),
            "flag": rng.integers(0, 2, 300).astype(bool),
            "day": pa.array(range(300), pa.timestamp("us")),
            "kind": pa.array(rng.choice(["ash", "elm"], 300)).dictionary_encode(),
        }
    )
    sink = pa.BufferOutputStream()
    feather.write_feather(
        table, sink, compression="uncompressed"
    )  # else it says itself how much it unpacks to
    return [Sample({"a.feather": sink.getvalue().to_pybytes()}, "a.feather")]


def _judge_without_checksums(value: Any, path: Path) -> str:
    """Say nothing: a Feather file has no checksums, and a changed figure is a figure."""
    return ""


READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        Reader("IDX", lambda: _idx_samples(""), BYTES, _read_idx, witnesses.judge_idx, weight=12),
        Reader("IDX, gzip", lambda: _idx_samples(".gz"), BYTES, _read_idx, witnesses.judge_idx, weight=10),
        Reader("IDX by digest", _idx_by_digest, BYTES, _read_idx_by_digest, weight=6),
        Reader("model", _model_samples, BYTES, _read_model, weight=8),
        Reader("model, digests made to fit", _model_samples, (reseal,), _read_model, _judge_model, weight=8),
        Reader("run folder", _run_samples, BYTES, _read_run, is_part=True, weight=8),
        Reader("run results", _results_samples, BYTES, _read_results, weight=3),
        Reader("run config", _config_samples, BYTES, _read_config, weight=3),
        Reader("table, Parquet", _parquet_samples, BYTES, _read_table_file),
        Reader("table, Feather", _feather_samples, BYTES, _read_table_file, _judge_without_checksums),
        *(
            Reader(
                f"problem, {form}",
                _trees(PROBLEMS, form),
                TEXT,
                _read_problem,
                witnesses.judge_problem,
                words=("trace", "PATH"),
            )
            for form in FORMATS
        ),
        *(
            Reader(
                f"sheet, {form}",
                _trees(SHEETS, form),
                TEXT,
                _read_sheet,
                witnesses.judge_sheet,
                words=("grade", "PATH", "--problem", "textbook-sigmoid"),
                weight=3,
            )
            for form in ("csv", *FORMATS)
        ),
        *(
            Reader(
                f"points, {form}",
                _trees(POINTS, form),
                TEXT,
                _read_points,
                witnesses.judge_points,
                words=("svm", "solve", "PATH"),
                weight=3,
            )
            for form in ("csv", *FORMATS)
        ),
        *(
            Reader(
                f"answer, {form}",
                _trees(ANSWERS, form),
                TEXT,
                _read_answer,
                witnesses.judge_answer,
                words=("svm", "solve", "assignment", "--claims", "PATH"),
                weight=3,
            )
            for form in FORMATS
        ),
        *(
            Reader(
                f"claims, {form}",
                _trees(CLAIMS, form, beside=LABELS),
                TEXT,
                _read_claims,
                witnesses.judge_claims,
                words=("doctor", "--claims", "PATH"),
                weight=3,
            )
            for form in FORMATS
        ),
        Reader(
            "claims, csv",
            _trees({"plain": CLAIMS["plain"]}, "csv"),
            TEXT,
            _read_claims,
            witnesses.judge_claims,
            words=("doctor", "--claims", "PATH"),
            weight=3,
        ),
        Reader("table, csv", _csv_samples, TEXT, _read_table, witnesses.judge_table, weight=4),
        Reader("stream, csv", _csv_samples, TEXT, _read_stream, witnesses.judge_stream, weight=6),
        Reader("stream, parquet", _parquet_samples, BYTES, _read_stream, witnesses.judge_parquet, weight=8),
    )
}


def empty(folder: Path) -> None:
    """Remove what is in a folder."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
