"""What answers like a Prefect server where a page only has to start something.

Real ones are for the few tests that see what becomes of it.
"""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RUN = "0d6f3c1e-5b0a-4d8f-9c53-1f2e3d4c5b6a"


@contextmanager
def prefect_stub():
    """A server that serves every deployment; `port`, and `runs` asked for, as (action, parameters, tags)."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            *_, action = self.path.split("/")
            self._answer({"id": action, "status": "READY", "token": "any"})

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            _, action, _ = self.path.rsplit("/", 2)
            server.runs.append((action, body["parameters"], body["tags"]))
            self._answer({"id": RUN})

        def _answer(self, body):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.runs = []
    server.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
