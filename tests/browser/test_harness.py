"""The harness itself: a page is opened, and what it complains of is seen."""


def test_a_page_is_opened_and_its_errors_are_seen(open_page):
    page = open_page("data:text/html,<title>hello</title><script>console.error('broken')</script>")
    assert page.title() == "hello"
    assert len(page.complaints) == 1
    assert "broken" in page.complaints[0]
    page.complaints.clear()
