"""Files that hold secrets, by the names that their programs give them."""

from __future__ import annotations

import re

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.regex import regex


class SecretFile(Struct, frozen=True):
    """What a file of a name holds.

    Attributes:
        what: in words.
        certain: whether it always is a secret; `.npmrc` may hold settings only.
        private: whether it belongs to a person or a machine, and so into no build at all.
    """

    what: str
    certain: bool
    private: bool = False


_BY_NAME = {
    ".env": SecretFile("settings of an environment, passwords among them", certain=True),
    ".netrc": SecretFile("passwords", certain=True, private=True),
    ".git-credentials": SecretFile("passwords", certain=True, private=True),
    ".pgpass": SecretFile("passwords", certain=True, private=True),
    ".my.cnf": SecretFile("settings of MySQL, often the password", certain=False),
    ".npmrc": SecretFile("settings of npm, often a registry token", certain=False),
    ".yarnrc.yml": SecretFile("settings of yarn, sometimes a registry token", certain=False),
    ".pypirc": SecretFile("the tokens of package registries", certain=True, private=True),
    ".dockercfg": SecretFile("the passwords of registries", certain=True, private=True),
    "kubeconfig": SecretFile("access to a cluster", certain=True, private=True),
    "credentials.json": SecretFile("credentials, by its name", certain=False),
    "privkey.pem": SecretFile("a private key", certain=True, private=True),
} | {
    f"id_{kind}": SecretFile("a private SSH key", certain=True, private=True)
    for kind in ("rsa", "dsa", "ecdsa", "ed25519")
}
_BY_END = {
    ".docker/config.json": SecretFile("the passwords of registries", certain=False, private=True),
    ".kube/config": SecretFile("access to a cluster", certain=True, private=True),
    ".aws/credentials": SecretFile("AWS access keys", certain=True, private=True),
    ".ssh": SecretFile("SSH keys and settings", certain=False, private=True),
    ".aws": SecretFile("settings and keys of AWS", certain=False, private=True),
    ".kube": SecretFile("settings of kubectl, often access", certain=False, private=True),
    ".gnupg": SecretFile("keys of GnuPG", certain=False, private=True),
    "/.docker": SecretFile("settings of Docker, often passwords", certain=False, private=True),
    ".tfstate": SecretFile("a state of Terraform, often passwords", certain=False, private=True),
    "service-account.json": SecretFile("a key of a service account, by its name", certain=False),
    ".vault-token": SecretFile("a Vault token", certain=True, private=True),
    "-key.pem": SecretFile("a private key", certain=True, private=True),
    ".key": SecretFile("a private key", certain=True, private=True),
    ".p12": SecretFile("a keystore", certain=False),
    ".pfx": SecretFile("a keystore", certain=False),
    ".jks": SecretFile("a keystore", certain=False),
    ".keystore": SecretFile("a keystore", certain=False),
}
_VARIANT = regex(r"\.env\.(?!.*(?:example|sample|template|dist|defaults?|schema)\b)[\w.-]+")
_PUBLIC = regex(
    r"(?:^|[^a-z])(?:pub|public|gpg|pgp|archive|keyring|release|repo|apt|signing|trust\w*|cacerts)"
    r"(?:[^a-z]|$)",
    re.IGNORECASE,
)
_KEYRINGS = ("/etc/apt/", "/etc/apk/", "/etc/pki/rpm-gpg", "/usr/share/keyrings", "/tmp/gpg")  # noqa: S108


def secret_file(source: str, target: str = "") -> SecretFile | None:
    """What a file that COPY or ADD names holds, if it is a secret; None for others.

    Args:
        source: the path, perhaps with wildcards.
        target: where it goes: a keyring of a package manager holds public keys.
    """
    if target.startswith(_KEYRINGS):
        return None
    path = source.rstrip("*")
    name = path.rpartition("/")[2]
    found = _BY_NAME.get(name)
    if found is None and _VARIANT.fullmatch(name):
        found = SecretFile("settings of an environment", certain=False)
    if found is None:
        whole = path.rstrip("/")
        found = next((file for end, file in _BY_END.items() if whole.endswith(end)), None)
        found = None if found and _PUBLIC.search(name) else found
    if found and path != source and name == ".env":
        return replace(found, certain=False)  # `.env*` may bring `.env.example` only
    return found
