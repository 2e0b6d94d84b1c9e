"""Settings of the web server: TLS, and how much and how long a client may send.

They are a part of `p2ppool.settings.Settings`.
"""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings

_KIB = 1024


class WebSettings(BaseSettings):
    """The settings; the descriptions are the documentation."""

    tls_certificate: Path | None = Field(
        None,
        description="File with the certificate of the pages and its chain (PEM), with which they are served "
        "by https; read again when it changes. Unset: they are served by http",
    )
    tls_key: Path | None = Field(None, description="File with the certificate's private key (PEM)")
    insecure: bool = Field(
        False,  # noqa: FBT003 - a field's default
        description="Whether the pages may be served by http on an address that others can reach: passwords "
        "then cross the network readable for anybody on the way",
    )

    web_connections: int = Field(
        1000, ge=10, le=100_000, description="Connections to the pages that may be open at the same time"
    )
    web_connections_per_address: int = Field(
        100,
        ge=2,
        le=100_000,
        description="Of them, those of one address (IPv6: a /64), except the trusted proxy's; a further one "
        "closes that address's connection which has been waiting for a whole request for the longest time",
    )
    web_head_timeout: float = Field(
        15.0, gt=0, description="How long a browser may take to send the head of a request, and to do TLS"
    )
    web_idle_timeout: float = Field(
        60.0, gt=0, description="How long a connection to the pages may stay open without a request"
    )
    web_slowest: int = Field(
        4096,
        ge=1,
        description="Bytes a second that a client must send of a body, and take of an answer, at the least; "
        "measured over the time of P2PPOOL_WEB_HEAD_TIMEOUT",
    )
    web_form_max_bytes: int = Field(
        64 * _KIB, ge=8 * _KIB, description="Largest request of somebody who is not signed in"
    )
    web_request_max_bytes: int = Field(
        256 * _KIB,
        ge=8 * _KIB,
        description="Largest request of a user, except for callbacks and the uploads of managers",
    )
    web_callback_max_bytes: int = Field(
        2048 * _KIB,
        ge=8 * _KIB,
        description="Largest callback of a page of a user; one may hold a list of ten thousand hosts",
    )

    log_max_bytes: int = Field(
        10 * 1024 * _KIB,
        ge=64 * _KIB,
        description="Size at which a file in logs/ is put aside under its date and begun anew",
    )
    logs_kept: int = Field(5, ge=1, description="Files put aside that are kept of each log")

    @model_validator(mode="after")
    def _whole_tls(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            message = "P2PPOOL_TLS_CERTIFICATE and P2PPOOL_TLS_KEY belong together"
            raise ValueError(message)
        return self
