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


class ForeignPage:
    """An open page of that site; its browser may have signed in elsewhere."""

    def __init__(self, page, address):
        """Open the site."""
        self._page, self.address = page, address
        page.goto(address)

    def tries(self, address, body):
        """What scripts of the page could read of the answers, by how they asked; None or "": nothing."""
        return self._page.evaluate(_TRY, [address, body])

    def sends_a_form(self, address, **fields):
        """The status of the answer to a form that the page sends there by itself."""
        self._page.goto(self.address)
        script = """([address, fields]) => {
            const form = Object.assign(document.createElement('form'), {method: 'post', action: address});
            for (const [name, value] of Object.entries(fields))
                form.append(Object.assign(document.createElement('input'), {name, value}));
            document.body.append(form);
            form.submit();
        }"""
        with self._page.expect_navigation() as answer:
            self._page.evaluate(script, [address, fields])
        return answer.value.status

    def frames(self, address):
        """Whether a frame in the page shows that address."""
        self._page.goto(self.address)
        script = (
            "address => document.body.append(Object.assign(document.createElement('iframe'), {src: address}))"
        )
        with self._page.expect_response(address):
            self._page.evaluate(script, address)
        self._page.wait_for_load_state("networkidle")
        (frame,) = self._page.frames[1:]
        return frame.url == address

    def status_under_its_own_name(self, port):
        """How the server on that port answers when the site's own name leads there (DNS rebinding)."""
        address = f"http://{FOREIGN}:{port}/"
        with self._page.expect_response(address) as answer:
            self._page.evaluate("address => { location = address }", address)
        return answer.value.status


@contextmanager
def foreign_page(chromium, cookies=()):
    """One in a browser with these cookies of other sites."""
    context = chromium.new_context()
    context.add_cookies(list(cookies))
    with _server() as port:
        yield ForeignPage(context.new_page(), f"http://{FOREIGN}:{port}/")
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
