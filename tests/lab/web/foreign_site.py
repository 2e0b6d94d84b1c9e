"""A page of another site in a real browser tries what such pages can: read, send, frame, take a name over."""

import http.server
import threading
from contextlib import contextmanager

from tests.lab.web.browser import FOREIGN

_TRY = """async ([address, body]) => {
    const say = async promise => {
        try { return await (await promise).text() } catch (error) { return null }
    };
    const plain = {method: 'POST', body: JSON.stringify(body), credentials: 'include'};
    return {
        read: await say(fetch(address, {credentials: 'include'})),
        sent: await say(fetch(address, {...plain, headers: {'Content-Type': 'text/plain'}})),
        blind: await say(fetch(address, {...plain, mode: 'no-cors'})),
        json: await say(fetch(address, {...plain, headers: {'Content-Type': 'application/json'}})),
    };
}"""


class ForeignSite:
    """That site, in a browser that may have signed in elsewhere; each trial has a page of its own."""

    def __init__(self, context, address):
        """Trials are made in this context of the browser; the site's pages are at `address`."""
        self._context, self.address = context, address

    def tries(self, address, body):
        """What scripts of the page could read of the answers, by how they asked; None or "": nothing."""
        return self._page().evaluate(_TRY, [address, body])

    def sends_a_form(self, address, **fields):
        """The status of the answer to a form that the page sends there by itself."""
        script = """([address, fields]) => {
            const form = Object.assign(document.createElement('form'), {method: 'post', action: address});
            for (const [name, value] of Object.entries(fields))
                form.append(Object.assign(document.createElement('input'), {name, value}));
            document.body.append(form);
            setTimeout(() => form.submit());  // so that this call ends before the page does
        }"""
        page = self._page()
        with page.expect_response(address) as answer:
            page.evaluate(script, [address, fields])
        return answer.value.status

    def frames(self, address):
        """Whether a frame in the page shows that address."""
        script = """src => {
            document.body.append(Object.assign(document.createElement('iframe'), {src}));
        }"""
        page = self._page()
        with page.expect_response(address):
            page.evaluate(script, address)
        page.wait_for_load_state("networkidle")
        (frame,) = page.frames[1:]
        return frame.url == address

    def status_under_its_own_name(self, port):
        """How the server on that port answers when the site's own name leads there (DNS rebinding)."""
        address = f"http://{FOREIGN}:{port}/"
        page = self._page()
        with page.expect_response(address) as answer:
            page.evaluate("address => { setTimeout(() => { location = address }) }", address)
        return answer.value.status

    def _page(self):
        """A new page; it is closed with the browser's context, as it may have to wait for what was sent."""
        page = self._context.new_page()
        page.goto(self.address)
        return page


@contextmanager
def foreign_site(chromium, cookies=()):
    """One in a browser with these cookies of other sites."""
    context = chromium.new_context()
    context.add_cookies(list(cookies))
    with _server() as port:
        yield ForeignSite(context, f"http://{FOREIGN}:{port}/")
    context.close()


@contextmanager
def _server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Empty)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Empty(http.server.BaseHTTPRequestHandler):
    """An empty page; everybody may read `/open`, which answers with what it got."""

    def do_GET(self):
        self._answer(b"<!doctype html><title>x</title><body>")

    def do_POST(self):
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        if self.path == "/open":
            self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin") or "*")
            self.send_header("Access-Control-Allow-Credentials", "true")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""
