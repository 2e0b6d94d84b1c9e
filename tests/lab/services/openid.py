"""A small OpenID Connect provider on loopback, which can also lie."""

import base64
import hashlib
import threading
import time
from urllib.parse import urlencode

import pytest
from flask import Flask, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "p2ppool", "a shared secret"


class Provider:
    """Signs whoever comes in as `person`; `lies` are put into its ID tokens, `key` signs them."""

    def __init__(self):
        self.key = RSAKey.generate_key(2048, parameters={"kid": "1"})
        self.published = self.key
        self.person = {"sub": "248289761001", "preferred_username": "Jane Doe"}
        self.lies = {}
        self.codes = {}
        self.server = make_server("127.0.0.1", 0, self._app(), threaded=True)
        self.issuer = f"http://127.0.0.1:{self.server.port}"

    def _app(self):
        app = Flask("provider")
        app.get("/.well-known/openid-configuration")(self._metadata)
        app.get("/authorize")(self._authorize)
        app.post("/token")(self._token)
        app.get("/keys")(lambda: jsonify({"keys": [self.published.as_dict(private=False)]}))
        return app

    def _metadata(self):
        return jsonify(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            }
        )

    def _authorize(self):
        asked = request.args.to_dict()
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert asked["code_challenge_method"] == "S256"
        code = f"code{len(self.codes)}"
        self.codes[code] = asked
        return redirect(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

    def _token(self):
        asked = self.codes.pop(request.form["code"], None)
        digest = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        known = request.authorization and request.authorization.password == SECRET
        fits = asked and asked["redirect_uri"] == request.form["redirect_uri"]
        if not known or not fits or asked["code_challenge"] != challenge:
            return jsonify({"error": "invalid_grant"}), 400
        return jsonify(
            {"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": self._id_token(asked)}
        )

    def _id_token(self, asked):
        moment = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": moment, "exp": moment + 60}
        claims |= {"nonce": asked["nonce"]} | self.person | self.lies
        return jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)


@pytest.fixture
def provider():
    """The provider; its `settings` are what a manager sets to use it."""
    provider = Provider()
    provider.settings = {
        "openid_issuer": provider.issuer,
        "openid_client_id": CLIENT,
        "openid_client_secret": SECRET,
        "openid_name": "Lab",
    }
    thread = threading.Thread(target=provider.server.serve_forever)
    thread.start()
    yield provider
    provider.server.shutdown()
    thread.join()
    provider.server.server_close()
