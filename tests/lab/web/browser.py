"""The pages as they are served, and a real browser to look at them."""

import os
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.lab.skipping import skip_unless_ci
from tests.lab.web.people import MANAGER
from tests.lab.web.signed_in import for_browser, session_cookies

FOREIGN = "evil.example"
"""The name of another site, which the browser finds on loopback."""

EVIL = '<img src=//evil.example/x onerror="window.harmed=1"><b>bold</b>'
"""A text that does harm where it is taken for HTML."""


class Pages(str):
    """The address of pages, and the cookies of a manager who has signed in there.

    Where nobody has, `first_words` are what the server says to the first who wants to.
    """

    __slots__ = ("cookies", "first_words")


@contextmanager
def serving(data_folder, who=MANAGER, **settings):
    """The pages on that data folder, in a process of their own; gives their address (`Pages`).

    `who` is the manager who signs in, made if there is none; None: nobody does.
    """
    port = _free_port()
    environment = {
        **os.environ,
        "P2PPOOL_DATA_FOLDER": str(data_folder),
        "P2PPOOL_WEB_PORT": str(port),
        **settings,
    }
    command = [sys.executable, "-m", "dashboards"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            assert line.startswith("pages: "), f"the pages did not start: {line!r}"
            pages = Pages(line.removeprefix("pages: ").strip())
            pages.first_words = process.stdout.readline() if who is None else ""
            cookies = session_cookies(pages, store_url(data_folder), who) if who else {}
            pages.cookies = for_browser(pages, cookies)
            yield pages
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def chromium():
    """A headless Chromium (playwright's `Browser`).

    Not for the whole session: as long as it lives, playwright keeps this thread's event loop running, and no
    other test could use asyncio.
    """
    yield from running_chromium()


def running_chromium():
    """One, until the generator goes on."""
    options = chromium_options()
    found = options["executable_path"]
    skip_unless_ci(None if found else "no Chromium is installed: run scripts/install-test-tools")
    # Only whoever has the browser needs to pay for this import.
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**options)
        yield browser
        browser.close()


def chromium_options():
    """How playwright starts this machine's Chromium; `executable_path` is None where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    arguments = [f"--host-resolver-rules=MAP {FOREIGN} 127.0.0.1"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return {"executable_path": program, "args": arguments}


class Visitor:
    """A browser window on the pages at `base`, which notes what should not happen; a manager has signed in.

    The window's requests are made from here: of its own connections, Chromium drops all whenever any network
    interface of the machine comes or goes, as other tests make them do.
    """

    def __init__(self, chromium, base, scripts, *, cookies=None, **options):
        """Open an empty window.

        `scripts` is a dict that windows on the same pages share; `cookies` are by default those of the
        manager whom `serving` has signed in.
        """
        self._scripts = scripts
        self._base = base
        self._cookies = base.cookies if cookies is None else cookies
        self.context = chromium.new_context(**options)
        self.context.add_cookies(self._cookies)
        self.page = self.context.new_page()
        self.complaints = []
        self.page.route("**/*", self._answer)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    def clear(self):
        """Forget what a test has left; the window itself stays, as a new one compiles all scripts anew.

        In between it shows a page of the same server without any script, so that no complaint comes late.
        """
        from playwright.sync_api import Error  # noqa: PLC0415 (as above)

        self.page.unroute_all(behavior="wait")
        self.page.route("**/*", self._answer)
        try:
            self._forget_what_is_stored()
        except Error:  # the page that is left began anew in this moment, as it does after a lost script
            self._forget_what_is_stored()
        self.page.emulate_media(color_scheme="null")
        self.page.mouse.move(0, 0)
        self.context.clear_cookies()
        self.context.add_cookies(self._cookies)
        self.complaints.clear()

    def _forget_what_is_stored(self):
        self.page.goto(f"{self._base}/healthz")
        self.page.evaluate("localStorage.clear(); sessionStorage.clear()")

    def go(self, path="/"):
        """Open `path` and wait for its headline."""
        answer = self.page.goto(self._base + path)
        self.page.wait_for_selector("h1, h2")
        return answer

    def go_to_ring(self, path):
        """Open the page of a pool and wait until its ring and its table are drawn."""
        self.go(path)
        self.page.wait_for_selector("#pool-ring .scatterlayer .points path")
        self.page.wait_for_selector("#pool-nodes .ag-row")

    def close(self):
        self.page.unroute_all(behavior="ignoreErrors")
        self.context.close()

    def _answer(self, route):
        url = route.request.url
        if not url.startswith(self._base + "/"):
            self.complaints.append(f"request to {url}")
            route.abort()
        elif "/_dash-component-suites/" in url:
            route.fulfill(**self._script(route))
        else:
            route.fulfill(response=route.fetch(max_redirects=0))

    def _script(self, route):
        """Dash's scripts are megabytes and never change: one window fetches them for all."""
        path = route.request.url.removeprefix(self._base)
        found = self._scripts.get(path)
        if found is None:
            answer = route.fetch()
            headers = {name: value for name, value in answer.headers.items() if name != "content-encoding"}
            found = {"status": answer.status, "headers": headers, "body": answer.body()}
            self._scripts[path] = found
        return found

    def _hear(self, message):
        if message.type == "error":
            self.complaints.append(f"console: {message.text}")


def store_url(data_folder):
    """Where pages on that folder keep everything."""
    return os.environ.get("P2PPOOL_DATABASE_URL") or f"sqlite:///{data_folder}/p2ppool.db"


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
