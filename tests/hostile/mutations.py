"""Damage done to files, from one random number generator: the same seed gives the same damage everywhere.

There are three kinds. `damage_bytes` knows nothing of what a file holds, as a failing disk. `edit_text` edits
what people write, as a hurried or a hostile hand. `edit_tree` changes the values of a structured file and
leaves its form intact; `reseal` lets it into model files, whose digests it makes fit again.
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable
from itertools import islice
from random import Random
from typing import Any

MOST_BYTES = 1 << 18
"""What damage makes a file grow to at most."""

NUMBERS = (
    *("0", "-0", "-1", "1.5", "2", "1e3", "1E-3", ".5", "5.", "+1", "1/3", "-2/7", "97.3%", "−3"),
    *("1e100000000", "-1e100000000", "1e-100000000", "1e400", "1e308", "1e-400", "5e-324", "1e22"),
    *("9" * 19, "9" * 400, "9" * 4301, "0." + "1" * 400, "0." + "0" * 5000 + "1", "1e" + "9" * 30),
    *("100000000000", "1000000000", "99999999999", "20000", "2147483648", "4294967296"),
    *("9223372036854775808", "-9223372036854775809", "9007199254740993", "0.30000000000000004"),
    *("nan", "NaN", "inf", "-inf", "Infinity", ".inf", ".nan", "1/0", "0/0", "?", "%", "e5", "1e", "--1"),
    *("0x10", "0o17", "0b1", "1_000", "1,5", "1 000", "01", "1:30", "٣", "½", "²", "１２", "1j", "(1)"),
    *("true", "false", "null", "~", "None", "", "2026-01-02", "2026-13-45", "12:00:00", "1+1", "sqrt(2)"),
)
"""What is written in the place of a number."""

TEXTS = (
    *("", " ", "\t", "x" * 300, "x" * 5000, "é", "日本", "\u202eabc", "\u2028", "\ufeff", "\U0001f600"),
    *("\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x07", "\x08\x08", "\x00", "\x7f", "\x9b31m", "\r"),
    *("[/red]", "[bold]", "[link=http://a]b[/link]", "<script>alert(1)</script>", "&amp;", '"', "'", "`"),
    *("\\input{x}", "$x$", "%", "#", "_", "{", "}", "{0.__class__}", "%s%n", "$(id)", "=1+1", "@x"),
    *("/dev/zero", "/dev/stdin", "../../x", "/", ".", "~", "C:\\x", "a/b", "-", "--help", "assignment"),
    *("relu", "test", "mnist/test", "hinge", "units", "arrays", "adam", "True", "no", "on", "[]", "[[]]"),
)
"""What is written in the place of a word."""

PASSAGES = (
    "[" * 100_000,
    "{" * 5_000,
    "- " * 3_000,
    "[" * 500 + "]" * 500,
    "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n"
    "d: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e]\n",
    "a: &a [*a]\n",
    "<<: {a: 1}\n",
    "!!python/object/apply:os.system [id]\n",
    "x: !!binary aGk=\n",
    "x: !!float abc\n",
    "x: !!int []\n",
    "x: !!set {a, b}\n",
    "x: !!timestamp 2026-99-99\n",
    "x: 2026-02-30\n",
    "? [a, b]\n: c\n",
    "%YAML 9.9\n---\n",
    "---\n...\n---\n",
    "x = 1\nx = 2\n",
    "[[scores]]\n",
    "[a.b.c.d]\n",
    "a" + ".a" * 2_000 + " = 1\n",
    '"' + "x" * 140_000 + '"\n',
    "x" * 140_000,
    "," * 3_000,
    "\n" * 3_000,
    "\x00" * 10,
    '"',
    "'''",
    '"""',
)
"""What is written between two lines."""

NUMBER = re.compile(r"[-+]?\d[\d_.]*(?:[eE][-+]?\d+)?")
WORD = re.compile(r"[A-Za-z_][\w./-]*")
MARK = re.compile(r"[^\w\s]")


def damage_bytes(rng: Random, data: bytes) -> bytes:
    """Change, cut, repeat, exchange or add bytes, in up to three places."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        data = rng.choice(_BYTE_DAMAGES)(rng, data)[:MOST_BYTES]
    return data


def _span(rng: Random, n: int) -> tuple[int, int]:
    """Return where a piece of n begins and ends, mostly a short one."""
    start = rng.randrange(n + 1)
    return start, min(n, start + rng.choice((1, 2, 4, 8, 64, n)))


def _flip_bit(rng: Random, data: bytes) -> bytes:
    if not data:
        return data
    place = rng.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :]


def _set_bytes(rng: Random, data: bytes) -> bytes:
    start, stop = _span(rng, len(data))
    fill = rng.choice((b"\0", b"\xff", b"\x7f", b"\x80", b"\n", rng.randbytes(1)))
    return data[:start] + fill * (stop - start) + data[stop:]


def _scramble(rng: Random, data: bytes) -> bytes:
    start, stop = _span(rng, len(data))
    return data[:start] + rng.randbytes(stop - start) + data[stop:]


def _cut_off(rng: Random, data: bytes) -> bytes:
    return data[: rng.choice((0, 1, 2, 4, 8, len(data) // 2, len(data) - 1, rng.randrange(len(data) + 1)))]


def _cut_out(rng: Random, data: bytes) -> bytes:
    start, stop = _span(rng, len(data))
    return data[:start] + data[stop:]


def _repeat(rng: Random, data: bytes) -> bytes:
    start, stop = _span(rng, len(data))
    return data[:stop] + data[start:stop] * rng.choice((1, 1, 2, 50)) + data[stop:]


def _insert(rng: Random, data: bytes) -> bytes:
    place = rng.choice((0, len(data), rng.randrange(len(data) + 1)))
    return data[:place] + rng.randbytes(rng.choice((1, 2, 4, 16))) + data[place:]


def _exchange(rng: Random, data: bytes) -> bytes:
    a, b = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    width = min(rng.choice((1, 4, 8, 64)), b - a)
    return data[:a] + data[b : b + width] + data[a + width : b] + data[a : a + width] + data[b + width :]


def _set_integer(rng: Random, data: bytes) -> bytes:
    """Write a remarkable integer, of either byte order."""
    width = rng.choice((1, 2, 4, 8))
    value = rng.choice((0, 1, (1 << 8 * width - 1) - 1, 1 << 8 * width - 1, (1 << 8 * width) - 1, len(data)))
    value %= 1 << 8 * width
    place = rng.randrange(max(len(data) - width, 0) + 1)
    return data[:place] + value.to_bytes(width, rng.choice(("big", "little"))) + data[place + width :]


_BYTE_DAMAGES: tuple[Callable[[Random, bytes], bytes], ...] = (
    *(_flip_bit, _set_bytes, _scramble, _cut_off, _cut_out, _repeat, _insert, _exchange, _set_integer),
)


def edit_text(rng: Random, text: str) -> str:
    """Change numbers, words, marks and lines of a text, in up to three places."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        text = rng.choice(_TEXT_EDITS)(rng, text)[:MOST_BYTES]
    return text


def _replace_one(rng: Random, text: str, pattern: re.Pattern[str], new: str) -> str:
    n = sum(1 for _ in pattern.finditer(text))
    if not n:
        return text + new
    one = next(islice(pattern.finditer(text), rng.randrange(n), None))
    return text[: one.start()] + new + text[one.end() :]


def _change_number(rng: Random, text: str) -> str:
    return _replace_one(rng, text, NUMBER, rng.choice(NUMBERS))


def _change_digit(rng: Random, text: str) -> str:
    return _replace_one(rng, text, re.compile(r"\d"), rng.choice("0123456789.-e"))


def _change_word(rng: Random, text: str) -> str:
    words = WORD.findall(text)
    return _replace_one(rng, text, WORD, rng.choice((rng.choice(TEXTS), rng.choice(words or ("x",)))))


def _change_mark(rng: Random, text: str) -> str:
    return _replace_one(
        rng, text, MARK, rng.choice(("", ",", ";", ":", "=", "[", "]", "{", "}", '"', "\n", "#"))
    )


def _change_line(rng: Random, text: str) -> str:
    """Drop, repeat or exchange lines, or write a passage between two."""
    lines = text.splitlines(keepends=True) or [""]
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.choice(("drop", "repeat", "many", "exchange", "passage")):
        case "drop":
            del lines[a]
        case "repeat":
            lines.insert(b, lines[a])
        case "many":
            lines.insert(b, lines[a] * rng.choice((10, 500)))
        case "exchange":
            lines[a], lines[b] = lines[b], lines[a]
        case _:
            lines.insert(b, rng.choice(PASSAGES))
    return "".join(lines)


_TEXT_EDITS: tuple[Callable[[Random, str], str], ...] = (
    *(_change_number, _change_number, _change_digit, _change_word, _change_mark, _change_line),
)


def edit_tree(rng: Random, tree: Any) -> Any:
    """Return a tree of dicts, lists and plain values with one to three of its values changed."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        path = rng.choice(_paths(tree))
        tree = _edit_at(tree, path, lambda value: _other_value(rng, value, tree))  # noqa: B023  # called at once
    return tree


def _paths(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    inner = [found for key, value in items for found in _paths(value, (*path, key))]
    return [path, *inner] if path or not inner else inner


def _edit_at(tree: Any, path: tuple[Any, ...], edit: Callable[[Any], Any]) -> Any:
    """Return a copy that differs in one place; what `edit` answers with ... is left out."""
    if not path:
        value = edit(tree)
        return {} if value is ... else value
    copy, key = (dict(tree) if isinstance(tree, dict) else list(tree)), path[0]
    value = edit(copy[key]) if len(path) == 1 else _edit_at(copy[key], path[1:], edit)
    if value is ...:
        del copy[key]
    else:
        copy[key] = value
    return copy


def _other_value(rng: Random, value: Any, whole: Any) -> Any:
    """Return another value, mostly of the same type; ... for none."""
    if rng.random() < 0.1:
        return ...
    if rng.random() < 0.3:
        return rng.choice(
            (None, True, 0, -1, 2, 10**11, 10**400, 0.5, float("nan"), float("inf"), "x", [], {}, [[]])
        )
    if rng.random() < 0.1:
        return _value_at(whole, rng.choice(_paths(whole)))
    match value:
        case bool():
            return not value
        case int():
            return rng.choice(
                (value + 1, value - 1, -value, [value, value], str(value), value * 10**9, [value])
            )
        case float():
            return rng.choice(
                (value + 1, -value, value * 2, value * 1e300 * 1e300, str(value), f"{value}%", [value])
            )
        case str():
            return rng.choice(
                (rng.choice(TEXTS), rng.choice(NUMBERS), value + "x", value.upper(), [value], 7)
            )
        case list():
            return rng.choice(
                (value[1:], value[:-1], value[::-1], value * 2, [*value, 0], [value], value * 40)
            )
        case dict():
            keys = list(value)
            key = rng.choice(keys) if keys else "x"
            return rng.choice(
                (
                    {**value, rng.choice(TEXTS): 1},
                    {k: v for k, v in value.items() if k != key},
                    [value],
                    {"x": value},
                )
            )
    return rng.choice((0, "x", False))


def _value_at(tree: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        tree = tree[key]
    return tree


# -- trees as files ---------------------------------------------------------------------------------------


def write_tree(tree: Any, form: str) -> bytes:
    """Write a tree as JSON, YAML, TOML or CSV: a list of flat rows, that is, or a dict with one."""
    import yaml

    try:
        match form:
            case "json":
                return json.dumps(tree).encode()
            case "yaml":
                return str(yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)).encode()
            case "csv":
                return _csv(tree)
        return _toml(tree)
    except (ValueError, yaml.YAMLError) as error:  # whole numbers of 4,300 digits, surrogates
        return str(error).encode()


def _csv(tree: Any) -> bytes:
    rows = tree
    while isinstance(rows, dict) and rows:
        rows = next((value for value in rows.values() if isinstance(value, list)), next(iter(rows.values())))
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(key for row in rows for key in row)), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def _toml(tree: Any) -> bytes:
    if not isinstance(tree, dict):
        return f"x = {_toml_value(tree)}\n".encode()
    return "".join(f"{json.dumps(str(k))} = {_toml_value(v)}\n" for k, v in tree.items()).encode()


def _toml_value(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{json.dumps(str(k))} = {_toml_value(v)}" for k, v in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_toml_value, value)) + "]"
        case None:
            return '""'
    return json.dumps(value).replace("NaN", "nan").replace("Infinity", "inf")


# -- model files ------------------------------------------------------------------------------------------


def reseal(rng: Random, data: bytes) -> bytes:
    """Change what a model file says of its network, or its arrays, and make all digests fit again."""
    outer, header, payload = _open_model(data)
    match rng.choice(("header", "header", "header", "tensor", "numbers", "outer")):
        case "header":
            header = edit_tree(rng, header)
        case "tensor":
            _change_tensor(rng, outer)
        case "numbers":
            payload = damage_bytes(rng, payload)[: len(payload)].ljust(len(payload), b"\0")
        case _:
            outer = edit_tree(rng, outer)
    return _seal(outer, header, payload)


def reseal_with(data: bytes, change: Callable[[dict[str, Any], dict[str, Any]], object]) -> bytes:
    """Let a function change what a model file says of its network and of its arrays, in place."""
    outer, header, payload = _open_model(data)
    change(header, outer)
    return _seal(outer, header, payload)


def _open_model(data: bytes) -> tuple[Any, Any, bytes]:
    size = int.from_bytes(data[:8], "little")
    outer = json.loads(data[8 : 8 + size])
    return outer, json.loads(outer.pop("__metadata__")["glassnet"]), data[8 + size :]


def _seal(outer: Any, header: Any, payload: bytes) -> bytes:
    if isinstance(header, dict) and isinstance(header.get("sha256"), dict) and isinstance(outer, dict):
        for name, entry in outer.items():
            header["sha256"][name] = _digest(entry, payload) or header["sha256"].get(name)
    text = _json(header)
    texts = {"glassnet": text, "glassnet_sha256": hashlib.sha256(text.encode()).hexdigest()}
    if isinstance(outer, dict):
        outer = {"__metadata__": texts, **outer}
    packed = _json(outer).encode()
    return len(packed).to_bytes(8, "little") + packed + payload


_DTYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "U32": "<u4",
    "U8": "|u1",
    "BOOL": "|b1",
}


def _change_tensor(rng: Random, outer: dict[str, Any]) -> None:
    entry = outer[rng.choice(list(outer))]
    if rng.random() < 0.5:
        entry["dtype"] = rng.choice((*_DTYPES, "BF16", "F8_E4M3", "F8_E5M2", "I8", "F4", "C64", "x"))
    else:
        entry["shape"] = rng.choice(
            ([*entry["shape"], 1], [1, *entry["shape"]], entry["shape"][::-1], [], [0], [2**40, 2**40], [-1])
        )


def _json(tree: Any) -> str:
    return json.dumps(tree, ensure_ascii=False).encode("utf-8", "replace").decode()


def _digest(entry: Any, payload: bytes) -> str | None:
    """Return the digest of an array as glassnet takes it; None where nobody could."""
    try:
        start, stop = entry["data_offsets"]
        description = f"{_DTYPES[entry['dtype']]}{tuple(entry['shape'])}".encode()
        return hashlib.sha256(description + payload[start:stop]).hexdigest()
    except (KeyError, TypeError, ValueError):
        return None
