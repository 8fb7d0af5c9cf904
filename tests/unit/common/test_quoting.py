"""What others wrote is shown shortened, and does nothing to a terminal, a page or a document."""

import io

import pytest
from markupsafe import Markup
from rich.table import Table
from rich.text import Text

from glassnet._common.naming import lookup
from glassnet._common.pages import make_environment
from glassnet._common.quoting import listed, printable, quoted, shorten, shown
from glassnet._common.terminal import Console, echo
from glassnet.errors import InvalidParameterError, UnknownNameError
from glassnet.models.validation import check_count, check_positive

HOSTILE = "a\x1b[31m\x07\x9b\u202e\r\n\x00z"
LONG = "x" * 100_000


def is_harmless(text):
    return not set(text) & set(HOSTILE) - set("a[31mz\n")


def test_what_does_something_is_written_out():
    assert printable(HOSTILE) == r"a\x1b[31m\x07\x9b\u202e\r\n\x00z"
    assert printable("\ud800 é 中 👩‍🔬\n", keep="\n") == "\\ud800 é 中 👩‍🔬\n"
    assert all(map(is_harmless, (quoted(HOSTILE), shown(HOSTILE), listed([HOSTILE]))))


@pytest.mark.parametrize("write", [quoted, shown, shorten, lambda text: listed([text] * 50)])
def test_no_more_than_200_characters_are_repeated(write):
    assert len(write(LONG)) <= 250
    assert LONG[:201] not in write(LONG)


def test_what_has_no_text_is_quoted_nonetheless():
    nested = []
    for _ in range(100_000):
        nested = [nested]
    assert quoted(10**5000).startswith("a value of type int")
    assert quoted(nested).startswith("a value of type list")


@pytest.mark.parametrize("value", [10**400, 10**5000, LONG, [1] * 10_000, -(10**5000)], ids=range(5))
def test_settings_of_any_size_are_refused_in_a_short_message(value):
    with pytest.raises(InvalidParameterError) as refused:
        check_positive("lr", value)
    assert len(str(refused.value)) < 200
    if not isinstance(value, int) or value < 0:
        with pytest.raises(InvalidParameterError) as refused:
            check_count("steps", value)
        assert len(str(refused.value)) < 200


def test_a_lookup_repeats_neither_a_long_name_nor_a_long_table():
    with pytest.raises(UnknownNameError) as refused:
        lookup({f"column {i}" + "y" * 1000: i for i in range(1000)}, LONG, "column")
    assert len(str(refused.value)) < 600


def test_a_terminal_shows_names_as_they_are():
    file = io.StringIO()
    console = Console(file=file, width=200)
    table = Table(HOSTILE)
    table.add_row(Text(HOSTILE))
    table.add_row("[/red] :smile: " + HOSTILE)
    console.print(table, Text(HOSTILE), HOSTILE, "[red]")
    assert is_harmless(file.getvalue())
    assert "[/red] :smile:" in file.getvalue()
    assert "[red]" in file.getvalue()


def test_echo_escapes(capsys):
    echo(HOSTILE)
    assert is_harmless(capsys.readouterr().out)


def test_a_page_has_no_control_characters_and_markup_stays():
    page = (
        make_environment().from_string("{{ name }} {{ mark }}").render(name=HOSTILE + "<", mark=Markup("<b>"))
    )
    assert is_harmless(page)
    assert page.endswith("&lt; <b>")
