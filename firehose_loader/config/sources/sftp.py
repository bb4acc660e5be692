"""``sftp://user@host:22/path``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from firehose_loader.config.sources.server import ServerSource

_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")


def _fingerprint(value: str) -> str:
    value = value.strip().rstrip("=")
    if not _FINGERPRINT.fullmatch(value):
        raise ValueError(
            "must be a fingerprint such as SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU,"
            " as ssh-keygen -l prints it"
        )
    return value


class SftpSource(ServerSource):
    """A folder on a server that speaks SFTP."""

    scheme: ClassVar[str] = "sftp"
    default_port: ClassVar[int] = 22

    key: SecretStr | None = Field(
        None,
        description="Private key, as a reference such as `${env:SFTP_KEY}`: PEM with line ends,"
        r" `\n` or spaces between its lines, or base64 of the whole.",
    )
    key_file: Path | None = Field(None, description="File that holds the private key.")
    key_passphrase: SecretStr | None = Field(
        None, description="Passphrase of the key, as a reference."
    )
    agent: bool = Field(
        default=False,
        description="Ask the SSH agent for keys; without password, key and key_file, it is asked"
        " anyway.",
    )
    host_key: Annotated[str, AfterValidator(_fingerprint)] | None = Field(
        None, description="Fingerprint of the server's host key, `SHA256:...`."
    )
    known_hosts: Path | None = Field(
        None,
        description="File with the host keys of servers; without it and without host_key,"
        " `~/.ssh/known_hosts` and `/etc/ssh/ssh_known_hosts`.",
    )

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        keys = {"key": self.key, "key_file": self.key_file, "agent": self.agent or None}
        if len(given := [name for name, value in keys.items() if value is not None]) > 1:
            raise ValueError(f"choose one of {' and '.join(given)}")
        if self.key_passphrase is not None and not (self.key or self.key_file):
            raise ValueError("key_passphrase needs key or key_file")
        if self.host_key is not None and self.known_hosts is not None:
            raise ValueError("choose one of host_key and known_hosts")
        return self
