"""Each kind of exhibit, drawn from small data and read back."""

import base64
import re
from dataclasses import replace
from importlib.resources import files

import pytest

from glassnet._common.palette import page_style
from glassnet.errors import InvalidDataError, UnknownNameError
from glassnet.report.exhibits import EXHIBITS, draw_exhibit
from glassnet.studies.base import Exhibit

CSS = files("glassnet.report").joinpath("templates/exhibits.css").read_text(encoding="utf-8")


@pytest.fixture
def draw(exhibits, images, read):
    """Return a function that draws the example of a kind, with some of its data changed."""
    examples = {exhibit.kind: exhibit for exhibit in exhibits}

    def draw(kind, **changes):
        exhibit = examples[kind]
        return read(draw_exhibit(replace(exhibit, data=exhibit.data | changes), images))

    return draw


def test_every_kind_has_an_example_here(exhibits):
    assert {exhibit.kind for exhibit in exhibits} == set(EXHIBITS)


def test_unknown_kind_is_refused(images):
    with pytest.raises(UnknownNameError, match="did you mean 'heatmaps'"):
        draw_exhibit(Exhibit("heatmap", "Scores", {}), images)


@pytest.mark.parametrize("kind", EXHIBITS)
def test_data_that_a_kind_cannot_draw_are_refused(kind, images):
    with pytest.raises(
        InvalidDataError, match=rf"'Scores' cannot be drawn as '{kind}': KeyError.*`draw_{kind}`"
    ):
        draw_exhibit(Exhibit(kind, "Scores", {}), images)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("answers", {"models": [{"name": "relu", "answers": [0, 1]}]}),  # three images
        ("answers", {"indices": [0, 1, 999_999]}),
        ("heatmaps", {"panels": [{"title": "sgd", "values": [["high"]]}]}),
        ("histograms", {"rows": [{"name": "relu", "counts": [[1, 2]], "notes": [""]}]}),  # two columns
        ("images", {"rows": [{"label": "original", "pictures": ["<script>"], "notes": []}]}),
        ("images", {"rows": [{"label": "original", "pictures": ["aGk="], "notes": ["a", "b"]}]}),
        ("scatter", {"panels": [{"title": "relu", "points": [[0, 1]], "labels": [0, 1]}]}),
        ("bars", {"rows": [{"label": "relu", "value": None, "text": "", "group": ""}]}),
        ("trials", {"points": [[0, "high", "finished"]]}),
        ("parallel", {"lines": [[0.5]]}),  # of two axes
    ],
)
def test_data_that_do_not_fit_each_other_are_refused(draw, kind, changes):
    with pytest.raises(InvalidDataError, match=rf"cannot be drawn as '{kind}'"):
        draw(kind, **changes)


def test_answers_need_a_data_set(exhibits):
    with pytest.raises(InvalidDataError, match="no data set"):
        draw_exhibit(exhibits[0], None)


def test_answers_are_told_apart_by_more_than_colour(draw):
    page = draw("answers")  # the labels are 0, 1 and 2
    assert [attrs["alt"] for attrs in page.all("img")] == ["Test image 0", "Test image 1", "Test image 12"]
    assert "relu 2 of 3 right ✓ right: 0 ✓ right: 1 ✗ wrong: 3" in page.text


def test_heat_maps_share_a_scale_and_mark_the_best_cell(draw):
    page = draw("heatmaps")
    cells = [attrs for attrs in page.all("td") if "style" in attrs]
    colours = [re.match("background: (#[0-9a-f]{6})", cell["style"])[1] for cell in cells]
    assert colours[0] == "#00224e"  # 0.1, the lowest of both panels, at the map's dark end
    assert colours[-1] == "#fee838"  # 0.9, the highest, at the bright one
    assert len(set(colours)) == len(cells) == 7
    assert [cell.get("class") for cell in cells] == [None] * 6 + ["best"]
    assert "★ best: 0.9000" in page.text
    assert page.texts.count("–") == 1  # what has no value has no colour
    assert "0.1000 0.9000" in page.text  # the ends of the scale


@pytest.mark.parametrize("values", [[[None]], [[0.5]]])
def test_heat_map_of_one_value_or_none_is_drawn(draw, values):
    page = draw("heatmaps", panels=[{"title": "sgd", "values": values}], rows=["a"], columns=["b"], best=None)
    assert "best" not in page.text


def test_histograms_share_a_scale(draw):
    page = draw("histograms")
    shares = [attrs["style"] for attrs in page.all("i")]
    assert shares == [f"--share: {share}" for share in (0.4, 0.6, 0.0, 1.0)]
    assert "the longest is 10 images" in page.text
    assert "zero 4 one 6 accuracy 0.8 zero 0 one 10 constant" in page.text


def test_pictures_stand_in_columns_under_each_other(draw, exhibits):
    page = draw("images")
    assert len(page.all("tr")) == 2
    sources = [attrs["src"] for attrs in page.all("img")]
    assert len(sources) == 4
    png = base64.b64decode(sources[0].removeprefix("data:image/png;base64,"))
    assert png.startswith(b"\x89PNG")
    assert page.all("img")[3]["alt"] == "relu, picture 2: error 0.02"


def test_scatter_names_each_class_and_has_a_marker_for_each(draw):
    page = draw("scatter")
    names = re.findall(r"<text[^>]*>([^<]+)</text>", page.html)
    assert names == ["zero", "one", *["first component", "second component"], "one", *names[-2:]]
    assert [len(attrs["points"].split()) for attrs in page.all("polyline")] == [1, 2, 1]
    ids = [attrs["id"] for attrs in page.all("marker")]
    assert len(set(ids)) == 3
    assert [attrs["style"] for attrs in page.all("polyline")] == [f"marker: url(#{name})" for name in ids]


def test_scatter_of_two_thousand_points_is_small(draw):
    points = [[0.123456789 * k, (k * k) % 97 / 3] for k in range(2000)]
    labels = [k % 10 for k in range(2000)]
    classes = [f"class {k}" for k in range(10)]
    page = draw("scatter", panels=[{"title": "relu", "points": points, "labels": labels}], classes=classes)
    assert len(page.html) < 40_000


def test_markers_of_ten_classes_differ_in_shape(draw):
    page = draw("scatter", classes=[f"class {k}" for k in range(10)])
    key = [(attrs["d"], attrs["fill"]) for attrs in page.all("path")[:10]]
    shapes = {(path, fill == "none") for path, fill in key}
    assert len(shapes) == 10
    assert all(f"--class-{k}:" in page_style() for k in range(10))


def test_bars_of_one_label_stand_together_and_the_groups_differ_in_pattern(draw):
    page = draw("bars")
    bars = [attrs for attrs in page.all("i") if "style" in attrs]
    assert [(bar["class"], bar["style"]) for bar in bars] == [
        ("group-0", "--share: 0.25"),
        ("group-1", "--share: 1.0"),
    ]
    assert "relu , glassnet 1.0 s relu , scikit-learn 4.0 s" in page.text
    assert [attrs.get("class") for attrs in page.all("tr")] == ["next", None]
    assert len(set(re.findall(r"\.group-\d \{ background: ([^;]*)", CSS))) == 4


@pytest.mark.parametrize(("value", "share"), [(-1.0, 0), (9.0, 1), (1.0, 0.25)])
def test_bars_stay_within_their_axis(draw, value, share):
    page = draw("bars", rows=[{"label": "relu", "value": value, "text": "", "group": "a"}])
    assert float(page.all("i")[0]["style"].removeprefix("--share: ")) == share


def test_text_of_an_exhibit_is_never_taken_for_html(exhibits, images):
    evil = "<script>alert('&')</script>"

    def poison(value):
        match value:
            case dict():
                return {key: value if key == "pictures" else poison(value) for key, value in value.items()}
            case list():
                return [poison(entry) for entry in value]
            case str():
                return evil
        return value

    for exhibit in exhibits:
        markup = draw_exhibit(replace(exhibit, data=poison(exhibit.data)), images)
        assert "<script" not in markup
        assert "&lt;script" in markup


def test_a_drawing_is_an_image_in_which_nothing_can_run(exhibits):
    exhibit = next(exhibit for exhibit in exhibits if exhibit.kind == "drawing")
    markup = draw_exhibit(exhibit, None)
    assert "<script" not in markup
    source = markup.split("base64,")[1].split('"')[0]
    drawn = base64.b64decode(source).decode()
    assert (
        re.sub("<style>@media screen and .prefers-color-scheme: dark.*?</style>", "", drawn)
        == exhibit.data["svg"]
    )


def test_lines_of_text_stay_as_they_are(exhibits):
    exhibit = next(exhibit for exhibit in exhibits if exhibit.kind == "text")
    markup = draw_exhibit(exhibit, None)
    assert "z1 = w1*x &lt; 2\n  = 1</pre>" in markup


def test_a_search_shows_every_trial_and_the_best_so_far(draw):
    page = draw("trials")
    assert "validation accuracy of 4 trials, in their order" in page.html
    assert "the default" in page.text
    assert "ended without a figure" in page.text
    for variable in ("--series-1", "--series-2", "--muted"):
        assert f"var({variable})" in page.html
    assert "ended without" not in draw("trials", points=[[0, 0.5, "finished"]], default=None).text


@pytest.mark.parametrize("points", [[], [[0, None, "pruned"]], [[0, 0.5, "finished"]]])
def test_a_search_that_has_come_to_little_is_drawn(draw, points):
    assert "<svg" in draw("trials", points=points, less_is_better=True).html


def test_lines_across_parameters_name_every_axis_and_tick(draw):
    page = draw("parallel")
    assert "2 trials across alpha &lt;, accuracy" in page.html
    for text in ("alpha <", "0.1", "10", "accuracy", "0.25", "0.75"):
        assert text in page.texts


def test_ticks_that_have_no_room_have_no_text(draw):
    ticks = [[i / 9, f"a long text, number {i}"] for i in range(10)]
    axes = [{"name": "layers", "ticks": ticks}, {"name": "accuracy", "ticks": []}]
    shown = [text for text in draw("parallel", axes=axes).texts if text.startswith("a long text")]
    assert 1 <= len(shown) < 5
