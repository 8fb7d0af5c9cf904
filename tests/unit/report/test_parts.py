"""What the page is filled with, and whether its colours can be read."""

import re
from importlib.resources import files

import pytest

from glassnet._common.palette import DARK, LIGHT
from glassnet.report._pieces import group_claims, shade_confusion
from glassnet.studies import Claim, Verdict

TEMPLATES = files("glassnet.report").joinpath("templates")
CSS = TEMPLATES.joinpath("report.css").read_text(encoding="utf-8")
EXHIBITS_CSS = TEMPLATES.joinpath("exhibits.css").read_text(encoding="utf-8")


def claim(explanation, verdict="wrong"):
    return Claim("quantity", "1", "2", Verdict(verdict), explanation)


def test_neighbouring_claims_with_equal_explanations_are_grouped():
    groups = group_claims([claim("a"), claim("a"), claim("b"), claim("a")])
    assert [len(group) for group in groups] == [2, 1, 1]


def test_groups_have_one_verdict_where_that_is_asked():
    claims = [claim("a"), claim("a", "confirmed"), claim("a", "confirmed")]
    assert [len(group) for group in group_claims(claims)] == [3]
    assert [len(group) for group in group_claims(claims, by_verdict=True)] == [1, 2]


def test_confusion_is_shaded_by_share_of_label_and_by_worst_error():
    cells = shade_confusion([[6, 2], [1, 0]])
    assert [[cell.count for cell in row] for row in cells] == [[6, 2], [1, 0]]
    assert [[cell.shade for cell in row] for row in cells] == [[0.75, 1.0], [0.5, 0.0]]
    assert [[cell.is_right for cell in row] for row in cells] == [[True, False], [False, True]]


@pytest.mark.parametrize("confusion", [[], [[0, 0], [0, 0]], [[5, 0], [0, 5]]])
def test_confusion_without_errors_or_images_is_shaded_too(confusion):
    assert all(0 <= cell.shade <= 1 for row in shade_confusion(confusion) for cell in row)


def channels(colour):
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def mix(colour, share, ground):
    pairs = zip(channels(colour), channels(ground), strict=True)
    return "#" + "".join(f"{round(255 * (share * a + (1 - share) * b)):02x}" for a, b in pairs)


def contrast(first, second):
    def luminance(colour):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_texts_and_curves_stand_out_as_wcag_aa_asks(colours):
    for ground in ("surface", "raised"):
        for text in ("ink", "muted", "link", "good", "bad", "warn"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for banner in ("quick", "running"):
        assert contrast(colours["ink"], colours[banner]) >= 4.5
    for series in ("series-1", "series-2"):
        assert contrast(colours[series], colours["surface"]) >= 3  # what AA asks of graphics


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_counts_can_be_read_in_the_strongest_cells_of_the_confusion_matrix(colours):
    shares = re.findall(r"var\(--(series-\d)\) calc\(var\(--shade\) \* (\d+)%\)", CSS)
    assert [name for name, _ in shares] == ["series-1", "series-2"]
    for name, percent in shares:
        strongest = mix(colours[name], int(percent) / 100, colours["raised"])
        assert contrast(colours["ink"], strongest) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_wrong_answers_can_be_read_on_their_ground(colours):
    (percent,) = re.findall(r"td\.wrong \{[^}]*var\(--series-2\) (\d+)%, var\(--surface\)", EXHIBITS_CSS)
    ground = mix(colours["series-2"], int(percent) / 100, colours["surface"])
    assert contrast(colours["bad"], ground) >= 4.5
