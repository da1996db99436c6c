"""`demo`: a company one can look at in the browser, made once, apart from this machine's own data."""

import http.cookiejar
import re
import urllib.parse
import urllib.request

import pytest
from tests.service.servers import service


class Visitor:
    """A browser without scripts that keeps cookies."""

    def __init__(self) -> None:
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)

    def get(self, url: str) -> tuple[int, str, str]:
        with self._opener.open(url, timeout=30) as answer:
            return answer.status, answer.url, answer.read().decode()

    def press(self, page: str, url: str) -> tuple[int, str, str]:
        """Send the form of a page that has one field only: the token against forgery."""
        token = re.search(r'<main.*name="csrfmiddlewaretoken" value="([^"]+)"', page, re.DOTALL)[1]
        form = urllib.parse.urlencode({"csrfmiddlewaretoken": token}).encode()
        with self._opener.open(url, data=form, timeout=30) as answer:
            return answer.status, answer.url, answer.read().decode()


@pytest.mark.long
def test_the_demo_signs_in_shows_today_and_begins_no_second_company(tmp_path):
    where = {"VERTRAUENSKONTO_DATA": str(tmp_path / "own"), "VERTRAUENSKONTO_DATABASE": "nonsense"}
    with service(tmp_path, name="demo", **where) as running:
        links = re.findall(r"http://\S+/konto/link/\S+", running.said())
        assert len(links) == 3
        visitor = Visitor()
        status, url, page = visitor.get(links[0])
        assert (status, "krueger@nordlicht.example" in page) == (200, True)
        status, landed, page = visitor.press(page, url)
        assert (status, landed) == (200, f"{running.url}/")
        assert "Today" in page
        assert visitor.get(f"{running.url}/kunden/")[0] == 200
        # Used up: nobody else gets in by it.
        with pytest.raises(urllib.error.HTTPError, match="403"):
            Visitor().get(links[0])
    assert not (tmp_path / "own").exists()
    size = (tmp_path / "demo" / "ledger.sqlite3").stat().st_size
    with service(tmp_path, name="demo", **where) as running:
        assert len(re.findall(r"/konto/link/", running.said())) == 3
        assert (tmp_path / "demo" / "ledger.sqlite3").stat().st_size <= size * 1.1
