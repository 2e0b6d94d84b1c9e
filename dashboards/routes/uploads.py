"""`/uploads/packages` and `/uploads/keys`: uploads by managers from the browser.

A package is the request's body, written to disk block by block. A key is a small JSON body, which appears in
no log, URL or store; it is sealed before the answer is sent. Neither is a form that another site's page could
send: a browser asks before it sends these media types elsewhere (Fetch, CORS-safelisted headers).
"""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from dashboards.web import context
from dashboards.web.access import for_managers, visitor
from dashboards.web.text import size
from p2ppool.errors import UserError
from p2ppool.keys.keyring import add_key_data
from p2ppool.records.audit import Subject, note
from p2ppool.software.package.adding import add_package_file, name_from_file
from p2ppool.store.unit_of_work import UnitOfWork

PACKAGES: Final = "/uploads/packages"
KEYS: Final = "/uploads/keys"

uploads = Blueprint("uploads", __name__)

_BLOCK: Final = 256 * 1024
_KEY_BODY: Final = 64 * 1024  # bytes of JSON; the key in it may have 16 KiB
_PACKAGE_TYPE: Final = "application/octet-stream"
_KEY_TYPE: Final = "application/json"

Answer = tuple[Response, int]


def _answers(media_type: str) -> Callable[[Callable[[], dict[str, str]]], Callable[[], Answer]]:
    """Wrap `add` to answer in JSON for a body of that media type; an error is one line, also in JSON."""

    def decorate(add: Callable[[], dict[str, str]]) -> Callable[[], Answer]:
        @wraps(add)
        def answer() -> Answer:
            if request.mimetype != media_type:
                return jsonify(error=f"The request body must be {media_type}."), 415
            try:
                return jsonify(add()), 201
            except UserError as error:
                return jsonify(error=str(error)), 400
            except HTTPException as error:  # too large, or cut off
                return jsonify(error=str(error.description)), error.code or 400

        return answer

    return decorate


@uploads.post(PACKAGES)
@for_managers
@_answers(_PACKAGE_TYPE)
def add_package() -> dict[str, str]:
    """Check and store the zip in the body; the query has its `name`, and optionally a `version`."""
    name = request.args.get("name", "")
    config = context.settings()
    config.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(dir=config.data_folder, prefix=".upload-") as folder:
        file = Path(folder) / f"{name_from_file(Path(name))}.zip"  # messages name it
        _write(file, config.package_max_bytes)
        with UnitOfWork(context.engine()) as work:
            added = add_package_file(work, config, name, request.args.get("version") or None, file)
            subject = Subject.package(added.name, added.version)
            note(work.session, subject, f"page {visitor().name}", "add", {"digest": added.digest})
            work.commit()
    about = f"{added.runtime}, {size(added.size)}"
    return {"kind": "package", "name": f"{added.name}@{added.version}", "about": about}


@uploads.post(KEYS)
@for_managers
@_answers(_KEY_TYPE)
def add_key() -> dict[str, str]:
    """Check and seal the key in the body: `name`, `key`, and its `passphrase` if it has one."""
    request.max_content_length = _KEY_BODY
    given: Any = request.get_json()
    fields = given if isinstance(given, dict) else {}
    name, key, passphrase = (str(fields.get(field) or "") for field in ("name", "key", "passphrase"))
    with UnitOfWork(context.engine()) as work:
        data = key.encode("utf-8", "replace")
        added = add_key_data(work, context.settings(), name, data, passphrase or None)
        about = {"fingerprint": added.fingerprint}
        note(work.session, Subject.key(added.name), f"page {visitor().name}", "add", about)
        work.commit()
    return {"kind": "key", "name": added.name, "about": f"{added.key_type}, {added.fingerprint}"}


def _write(file: Path, largest: int) -> None:
    """Write the body to the file, and fail if it is larger than `largest` bytes."""
    written = 0
    request.max_content_length = largest
    with file.open("xb") as out:
        while block := request.stream.read(_BLOCK):
            written += len(block)
            if written > largest:
                break
            out.write(block)
    if written > largest:
        raise UserError(f"package: larger than {size(largest)}")
