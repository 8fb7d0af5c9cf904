"""Every page is made by one environment, and every colour is of one palette."""

import re

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from glassnet._common.pages import make_environment
from glassnet._common.palette import CLASSES, DARK, EMBEDDED, LIGHT, OKABE_ITO, page_style, style_of

ENVIRONMENT = make_environment("glassnet.report", "glassnet.doctor.write", filters={"twice": lambda x: 2 * x})


def test_texts_are_escaped_and_markup_is_not():
    template = ENVIRONMENT.from_string("{{ text }}{{ markup }}{{ 2 | twice }}")
    assert template.render(text="<b>", markup=Markup("<i>")) == "&lt;b&gt;<i>4"


def test_a_name_that_is_not_given_is_an_error():
    with pytest.raises(UndefinedError, match="'missing' is undefined"):
        ENVIRONMENT.from_string("{{ missing }}").render()


@pytest.mark.parametrize("name", ["report.css", "document.css", "page.css", "page.html"])
def test_templates_are_found_in_each_package_and_in_the_common_folder(name):
    assert ENVIRONMENT.get_template(name)


def test_every_variable_of_the_style_sheets_is_in_the_palette():
    defined = set(re.findall(r"--([\w-]+):", page_style()))
    set_inline = {"share", "shade"}
    for name in ("report.css", "exhibits.css", "overview.css", "document.css", "page.css"):
        text = ENVIRONMENT.get_template(name).render()
        own = set(re.findall(r"--([\w-]+):", text))
        used = set(re.findall(r"var\(--([\w-]+)\)", text))
        assert used <= defined | set_inline | own, name


def test_the_colours_of_day_night_and_other_peoples_pages_have_the_same_names():
    assert LIGHT.keys() == DARK.keys()
    assert EMBEDDED.keys() <= LIGHT.keys()
    assert set(re.findall(r"--([\w-]+):", style_of(EMBEDDED))) == EMBEDDED.keys()
    assert set(CLASSES) <= OKABE_ITO.keys() | LIGHT.keys()


def test_no_style_sheet_has_a_colour_of_its_own():
    for name in ("report.css", "exhibits.css", "overview.css", "document.css", "page.css"):
        text = ENVIRONMENT.get_template(name).render()
        assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", text)) <= {"#fff", "#0002"}, (
            name
        )  # paper, and a hairline
