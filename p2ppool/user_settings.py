"""Settings of registration and sign-in: mails, OpenID Connect, LDAP.

They are a part of `p2ppool.settings.Settings`.
"""

from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from p2ppool.loopback import is_loopback


class UserSettings(BaseSettings):
    """The settings; the descriptions are the documentation."""

    registration: Literal["off", "approval", "mail"] = Field(
        "approval",
        description="Who may become a user by themselves: off: nobody; approval: whom a manager accepts, "
        "after they have confirmed their mail address where a mail server is set; mail: whoever confirms one",
    )
    new_user_role: Literal["viewer", "member"] = Field(
        "viewer",
        description="The role of whoever becomes a user by registering or through the provider or the "
        "directory: viewer: looks at all pools; member: sees only pools on which they are given a role",
    )
    smtp_host: str = Field("", description="Mail server that takes mails to users; empty: none are sent")
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port")
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="How the way to the mail server is encrypted: starttls (port 587), tls from the start "
        "(port 465), or none, for a server on this machine",
    )
    smtp_user: str = Field("", description="User on the mail server; empty: it asks for none")
    smtp_password: SecretStr | None = Field(None, description="Their password on the mail server")
    smtp_from: str = Field("", description="Address that mails come from")
    openid_issuer: str = Field(
        "",
        description="Address (https) of an OpenID Connect provider, as it calls itself, by which users can "
        "sign in; empty: none",
    )
    openid_client_id: str = Field("", description="What the provider calls this manager")
    openid_client_secret: SecretStr | None = Field(
        None, description="The secret that the provider shares with this manager"
    )
    openid_name: str = Field("your organisation", description="What the button calls the provider")
    ldap_url: str = Field(
        "",
        description="Address of an LDAP directory with whose passwords users can sign in: ldaps://HOST, or "
        "ldap://HOST, which is asked for StartTLS (needs the extra ldap); empty: none",
    )
    ldap_ca_file: Path | None = Field(
        None, description="Certificates that vouch for the directory's; unset: those of the system"
    )
    ldap_user_dn: str = Field(
        "",
        description="Where a user's entry is, such as uid={name},ou=people,dc=example,dc=org; empty: it is "
        "searched for",
    )
    ldap_search_base: str = Field("", description="Below which entry users are searched for")
    ldap_search_filter: str = Field("(uid={name})", description="What a user's entry must fulfil")
    ldap_bind_dn: str = Field("", description="Entry that may search; empty: anybody may")
    ldap_bind_password: SecretStr | None = Field(None, description="Its password")
    new_outside_users: bool = Field(
        True,  # noqa: FBT003 - a field's default
        description="Whether whom the provider or the directory vouches for becomes a user at the first "
        "sign-in",
    )

    second_factor_for_managers: bool = Field(
        False,  # noqa: FBT003 - a field's default
        description="Whether managers must have a second factor: without one they may only look",
    )
    prove_after: int = Field(
        900,
        ge=0,
        description="How long after somebody has given password or second factor grave acts (stop, delete, "
        "users, tokens, second factors) ask for one again; 0: never",
    )

    token_longest_days: int = Field(
        365,
        ge=0,
        le=3660,
        description="Days that an API token works at most, also those of before; 0: without a limit",
    )
    outside_absent_days: int = Field(
        90,
        ge=0,
        description="Days without a sign-in after which users of the provider or the directory lose their "
        "sessions and API tokens; 0: never",
    )

    @model_validator(mode="after")
    def _whole_mail(self) -> Self:
        if self.smtp_host and not self.smtp_from:
            message = "P2PPOOL_SMTP_HOST needs P2PPOOL_SMTP_FROM, the address that mails come from"
            raise ValueError(message)
        if bool(self.smtp_user) != (self.smtp_password is not None):
            message = "P2PPOOL_SMTP_USER and P2PPOOL_SMTP_PASSWORD belong together"
            raise ValueError(message)
        if self.smtp_user and self.smtp_tls == "none" and not is_loopback(self.smtp_host):
            message = "P2PPOOL_SMTP_TLS=none would send P2PPOOL_SMTP_PASSWORD readable for others"
            raise ValueError(message)
        if self.registration == "mail" and not self.smtp_host:
            message = "P2PPOOL_REGISTRATION=mail needs a mail server: P2PPOOL_SMTP_HOST"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _whole_provider(self) -> Self:
        if not self.openid_issuer:
            return self
        parts = urlsplit(self.openid_issuer)
        if not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))):
            message = "P2PPOOL_OPENID_ISSUER is no address that begins with https://"
            raise ValueError(message)
        if not self.openid_client_id:
            message = "P2PPOOL_OPENID_ISSUER needs P2PPOOL_OPENID_CLIENT_ID"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _check_ldap(self) -> Self:
        if not self.ldap_url:
            return self
        parts = urlsplit(self.ldap_url)
        if parts.scheme not in {"ldap", "ldaps"} or not parts.hostname or parts.path.strip("/"):
            message = "P2PPOOL_LDAP_URL is not ldaps://HOST or ldap://HOST"
            raise ValueError(message)
        if bool(self.ldap_user_dn) == bool(self.ldap_search_base):
            message = "P2PPOOL_LDAP_URL needs either P2PPOOL_LDAP_USER_DN or P2PPOOL_LDAP_SEARCH_BASE"
            raise ValueError(message)
        if "{name}" not in (self.ldap_user_dn or self.ldap_search_filter):
            message = (
                "P2PPOOL_LDAP_USER_DN or P2PPOOL_LDAP_SEARCH_FILTER says with {name} where the name goes"
            )
            raise ValueError(message)
        if bool(self.ldap_bind_dn) != (self.ldap_bind_password is not None):
            message = "P2PPOOL_LDAP_BIND_DN and P2PPOOL_LDAP_BIND_PASSWORD belong together"
            raise ValueError(message)
        if find_spec("ldap3") is None:
            message = "P2PPOOL_LDAP_URL needs what is not installed: pip install 'p2ppool[ldap]'"
            raise ValueError(message)
        return self

    @property
    def token_longest(self) -> timedelta | None:
        """How long an API token works at most; None: without a limit."""
        return timedelta(days=self.token_longest_days) if self.token_longest_days else None

    @property
    def has_mail(self) -> bool:
        """Whether mails can be sent."""
        return bool(self.smtp_host)
