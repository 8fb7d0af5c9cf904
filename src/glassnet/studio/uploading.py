"""A table that a page sends: read from its form, opened, and forgotten."""

import tempfile
from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path, PurePath

from glassnet.errors import InvalidDataError
from glassnet.studio.session import Session

ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".feather")


def read_form(content_type: str, body: bytes) -> dict[str, tuple[str, bytes]]:
    """Return the fields of a form, multipart/form-data, with the names of files.

    Raises
    ------
    InvalidDataError
        When it is none.
    """
    if not content_type.startswith("multipart/form-data"):
        raise InvalidDataError("got no form; expected multipart/form-data with a file and its target.")
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    if not message.is_multipart():
        raise InvalidDataError("got a form that ends too early; send the file again.")
    fields = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            fields[name] = (part.get_filename() or "", content)
    return fields


def open_upload(session: Session, fields: Mapping[str, tuple[str, bytes]]) -> None:
    """Open the table of a form: ``file``, and ``target``, the column to predict, or nothing for the last.

    Raises
    ------
    InvalidDataError, DataFileError, UnknownNameError
        When it cannot be read or used; what was open stays.
    InvalidParameterError
        When a lesson keeps its data.
    """
    if session.teaching is not None:
        session.teaching.check({"do": "upload"}, session)
    if "file" not in fields:
        raise InvalidDataError("got a form without a file; choose one first.")
    name, content = fields["file"]
    name = PurePath(name.replace("\\", "/")).name or "table.csv"
    ending = PurePath(name).suffix.lower()
    target = fields.get("target", ("", b""))[1].decode("utf-8", "replace").strip() or None
    with tempfile.TemporaryDirectory(prefix="glassnet-upload-") as folder:
        path = Path(folder) / ("table" + (ending if ending in ENDINGS else ".csv"))
        path.write_bytes(content)
        from glassnet.studio.opened_table import open_table  # scikit-learn takes a second to import

        session.open(open_table(path, target, name))
