"""``ftps://user@host:21/path``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from firehose_loader.config.sources.server import ServerSource

_FINGERPRINT = re.compile(r"[0-9A-F]{64}")


def _fingerprint(value: str) -> str:
    """Read what ``openssl x509 -fingerprint -sha256`` prints, or the digits alone."""
    digits = value.rpartition("=")[2].replace(":", "").strip().upper()
    if not _FINGERPRINT.fullmatch(digits):
        raise ValueError(
            "must be the SHA-256 fingerprint of a certificate, as"
            " openssl x509 -noout -fingerprint -sha256 prints it"
        )
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))


class FtpsSource(ServerSource):
    """A folder on a server that speaks FTP over TLS."""

    scheme: ClassVar[str] = "ftps"
    default_port: ClassVar[int] = 21
    implicit_port: ClassVar[int] = 990

    tls: Literal["explicit", "implicit"] | None = Field(
        None,
        description="When TLS begins: `explicit` with a command, `implicit` with the connection;"
        " without it, implicit at port 990 and explicit elsewhere.",
    )
    ca_file: Path | None = Field(
        None, description="File of certificates to trust, in place of the system's."
    )
    certificate: Annotated[str, AfterValidator(_fingerprint)] | None = Field(
        None,
        description="SHA-256 fingerprint of the server's own certificate, which is then trusted"
        " whoever signed it and whatever name it has.",
    )

    @property
    def implicit(self) -> bool:
        """TLS begins with the connection."""
        return self.tls == "implicit" or (self.tls is None and self.port == self.implicit_port)

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if self.password is None:
            raise ValueError('password is missing; write password = "${env:NAME}"')
        if self.ca_file is not None and self.certificate is not None:
            raise ValueError("choose one of ca_file and certificate")
        return self
