"""Private keys, however they are written down."""

from __future__ import annotations

import base64

import pytest
from pydantic import SecretStr

from firehose_loader.config import SftpSource
from firehose_loader.errors import ConfigError
from firehose_loader.storage import open_storage
from firehose_loader.storage.sftp.keys import private_key
from tests.rigs.sshd import NAME, SshServer

SECRET = "correct horse battery staple"  # noqa: S105 - opens nothing

pytestmark = pytest.mark.xdist_group(NAME)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> SshServer:
    server: SshServer = request.getfixturevalue(NAME)
    return server


def spellings(key: str) -> dict[str, str]:
    return {
        "lines": key,
        "Windows lines": key.replace("\n", "\r\n"),
        "backslash n": key.replace("\n", "\\n"),
        "spaces": key.replace("\n", " "),
        "nothing between": key.replace("\n", ""),
        "base64": base64.b64encode(key.encode()).decode(),
        "base64 in lines": base64.encodebytes(key.encode()).decode(),
    }


@pytest.mark.parametrize(
    ("kind", "spelling"),
    [
        (kind, spelling)
        for kind in ("ed25519", "ecdsa", "rsa")
        for spelling in spellings("")
        # The encrypted key has headers, which need something between them.
        if (kind, spelling) != ("rsa", "nothing between")
    ],
)
def test_a_key_may_be_spelled_as_environments_do(
    server: SshServer, kind: str, spelling: str
) -> None:
    text = spellings((server.folder / f"id_{kind}").read_text())[spelling]
    source = SftpSource(
        name="box",
        url="sftp://u@h/",
        key=SecretStr(text),
        key_passphrase=SecretStr(server.passphrase) if kind == "rsa" else None,
    )

    key = private_key(source)

    assert key is not None
    assert key.get_base64() in (server.folder / f"id_{kind}.pub").read_text()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"key_file": "id_rsa"}, "is encrypted; give its passphrase in key_passphrase"),
        ({"key_file": "id_rsa", "key_passphrase": SECRET}, "key_passphrase is wrong"),
        ({"key_file": "id_ed25519.pub"}, r"a public key \(.pub\) cannot log in"),
        ({"key_file": "nowhere"}, "key_file .*nowhere cannot be read: No such file"),
        ({"key": SECRET}, "key is no private key"),
        ({"key": "PuTTY-User-Key-File-3: x"}, "puttygen"),
        ({"key": f"-----BEGIN PRIVATE KEY-----{'A' * 64}-----END PRIVATE KEY-----"}, "damaged"),
    ],
)
def test_a_key_that_cannot_be_used_is_a_mistake_in_the_configuration(
    server: SshServer, settings: dict[str, str], message: str
) -> None:
    if "key_file" in settings:
        settings = {**settings, "key_file": str(server.folder / settings["key_file"])}
    source = SftpSource.model_validate({"name": "box", "url": "sftp://u@h/", **settings})

    with pytest.raises(ConfigError, match=message) as caught:
        open_storage(source)

    assert SECRET not in str(caught.value)
