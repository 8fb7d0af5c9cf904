"""Points that are added, dragged, relabelled and removed, by mouse and by keyboard."""

from processes import wait_until
from studio_page import begin_anew, wait_for_step

STUDIO = ["--data", "moons"]


def points(page, part="train"):
    """Return the points of a part as [x, y, label] in the measure of the picture."""
    dots = page.locator('[data-view="surface"] .point' + ("" if part == "train" else ".validation"))
    return dots.evaluate_all("all => all.map(e => [e.cx.baseVal.value, e.cy.baseVal.value, e.dataset.label])")


def test_points_are_added_dragged_relabelled_and_removed(page):
    begin_anew(page)
    surface = wait_for_step(page, 0, "surface")
    surface.locator(".point").first.wait_for()
    before = len(points(page))
    plane = surface.locator(".plane svg")
    plane.scroll_into_view_if_needed()
    box = plane.bounding_box()

    def at(x, y):
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    surface.get_by_label("add", exact=True).check()
    surface.locator("select").select_option("1")
    page.mouse.click(*at(0.12, 0.12))
    wait_until(lambda: len(points(page)) == before + 1)
    near = [place for place in points(page) if abs(place[0] - 48) < 1 and abs(place[1] - 48) < 1]
    assert [place[2] for place in near] == ["1"]

    surface.get_by_label("look and drag").check()
    page.mouse.move(*at(0.12, 0.12))
    page.mouse.down()
    page.mouse.move(*at(0.2, 0.2), steps=4)
    page.mouse.move(*at(0.12, 0.88), steps=8)
    page.mouse.up()
    wait_until(lambda: any(abs(x - 48) < 1 and abs(y - 352) < 1 for x, y, _ in points(page)))

    surface.get_by_label("relabel").check()
    surface.locator("select").select_option("0")
    page.mouse.click(*at(0.12, 0.88))
    wait_until(
        lambda: any(abs(x - 48) < 1 and abs(y - 352) < 1 and label == "0" for x, y, label in points(page))
    )

    surface.get_by_label("remove").check()
    plane.focus()
    for _ in range(19):  # by keyboard: from the middle to the left and down
        page.keyboard.press("ArrowLeft")
    for _ in range(19):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_until(lambda: len(points(page)) == before)


def test_a_point_stays_where_it_was_dropped_when_an_older_answer_comes(page):
    begin_anew(page)
    surface = wait_for_step(page, 0, "surface")
    surface.locator(".point").first.wait_for()
    x, y, _ = points(page)[0]
    plane = surface.locator(".plane svg")
    plane.scroll_into_view_if_needed()
    box = plane.bounding_box()
    asked = []
    page.route("**/api/view/surface*", lambda route: asked.append(route))
    page.mouse.move(box["x"] + x / 400 * box["width"], box["y"] + y / 400 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
    wait_until(lambda: page.wait_for_timeout(20) or asked)
    older = asked[0].fetch()
    frames = surface.get_attribute("data-frames")
    page.mouse.move(box["x"] + 0.12 * box["width"], box["y"] + 0.88 * box["height"])
    page.mouse.up()
    asked[0].fulfill(response=older)
    wait_until(lambda: page.wait_for_timeout(20) or surface.get_attribute("data-frames") != frames)
    assert any(abs(x - 48) < 1 and abs(y - 352) < 1 for x, y, _ in points(page))
