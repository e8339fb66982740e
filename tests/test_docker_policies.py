"""What the checks of Dockerfiles know, apart from any policy's fixture."""

import pytest
from growth import grows_no_faster
from hypothesis import given as examples
from hypothesis import strategies as st

from harness import FIXTURES, judge
from kerp_policy.artifacts.shell import parse_shell
from kerp_policy.docker.builds import build_step, installs_development, is_toolchain
from kerp_policy.docker.downloads import plain_http, runner, verifies
from kerp_policy.docker.given import given
from kerp_policy.docker.health import base_has_none
from kerp_policy.docker.modes import opens_to_all
from kerp_policy.docker.package_index import fetched, removes
from kerp_policy.docker.secret_files import secret_file
from kerp_policy.docker.variables import undeclared
from kerp_policy.engine import check_file
from kerp_policy.policy.load import load_profile
from kerp_policy.scopes.context import Context
from kerp_policy.sources.source import Source


def one(text):
    return parse_shell(text).commands[0]


@pytest.mark.parametrize(
    ("command", "step"),
    [
        ("go build ./...", "go build"),
        ("/usr/local/go/bin/go install example.com/x@v1", "go install"),
        ("./mvnw -B package", "mvn package"),
        ("./gradlew --no-daemon bootJar", "gradle bootJar"),
        ("npm run build -- --mode production", "npm run build"),
        ("yarn build", "yarn build"),
        ("npx --yes vite build", "vite build"),
        ("make", "make"),
        ("make -j4 install", "make install"),
        ("make migrate", ""),
        ("make --version", ""),
        ("go version", ""),
        ("npm run start", ""),
        ("npm ci", ""),
        ("echo go build", ""),
    ],
)
def test_what_builds(command, step):
    assert build_step(command.split()) == step


@pytest.mark.parametrize(
    ("command", "brings"),
    [
        ("npm ci", True),
        ("npm install --no-audit", True),
        ("npm ci --omit=dev", False),
        ("npm ci --only=production", False),
        ("npm install -g pm2", False),
        ("npm install express", False),
        ("yarn install --production", False),
    ],
)
def test_what_brings_development_dependencies(command, brings):
    assert bool(installs_development(command.split())) is brings


@pytest.mark.parametrize(
    ("image", "builds"),
    [
        ("golang:1.22-alpine", True),
        ("docker.io/library/rust@sha256:0", True),
        ("mcr.microsoft.com/dotnet/sdk:8.0", True),
        ("mcr.microsoft.com/dotnet/aspnet:8.0", False),
        ("node:20.11-alpine", False),
        ("registry:5000/golang", False),
    ],
)
def test_images_to_build_in(image, builds):
    assert is_toolchain(image) is builds


@pytest.mark.parametrize("mode", ["777", "0777", "666", "a+w", "o+w", "u=rwx,o=rw", "ugo+rwx", "7"])
def test_modes_that_let_everybody_write(mode):
    assert opens_to_all(mode)


@pytest.mark.parametrize(
    "mode", ["755", "0644", "1777", "+w", "u+w", "g+rwX", "o-w", "a+rwxt", "a+w,o-w", "", "x", "9"]
)
def test_modes_that_do_not(mode):
    assert not opens_to_all(mode)


@examples(st.integers(0, 0o7777))
def test_octal_modes_are_told_by_two_bits(mode):
    assert opens_to_all(f"{mode:o}") == (mode & 0o1002 == 0o0002)


@pytest.mark.parametrize(
    ("command", "manager"),
    [
        ("apk add curl", "apk"),
        ("apk -U add curl", "apk"),
        ("apk add --no-cache curl", ""),
        ("apk del curl", ""),
        ("apt-get -qq update", "apt-get"),
        ("apt-get install -y curl", ""),
        ("sudo dnf -y install curl", "dnf"),
        ("zypper -n in curl", "zypper"),
    ],
)
def test_what_keeps_a_package_index(command, manager):
    assert fetched(one(command)) == manager


@pytest.mark.parametrize(
    ("command", "manager", "clean"),
    [
        ("rm -rf /var/lib/apt/lists/*", "apt-get", True),
        ("rm -rf /var/lib/apt", "apt-get", True),
        ("rm -rf /var/lib/{apt,dpkg}", "apt-get", True),
        ('rm -rf "$LISTS"', "apt-get", True),
        ("rm -rf *.deb", "apt-get", False),
        ("rm -rf /var/cache/apt/archives/*", "apt-get", False),
        ("rm -rf /var/cache/*", "apk", True),
        ("apt-get clean", "apt-get", False),
        ("microdnf clean all", "dnf", True),
        ("zypper clean -a", "zypper", True),
        ("yum clean all", "zypper", False),
    ],
)
def test_what_removes_a_package_index(command, manager, clean):
    assert removes(one(command), manager) is clean


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("curl x | bash", "bash"),
        ("curl x | sudo -E bash -", "bash"),
        ("curl x | gunzip | sh -s -- -y", "sh"),
        ("curl x | python3", "python3"),
        ('bash -c "$(curl x)"', "bash"),
        ("source <(curl x)", "source"),
        ("curl x | tar xz", None),
        ("curl x | python3 -m json.tool", None),
        ("curl x | sh -c 'cat > y'", None),
        ("curl x | bash run.sh", None),
        ('bash run.sh "$(curl x)"', None),
        ('v="$(curl x)"', None),
    ],
)
def test_what_runs_a_download(text, program):
    shell = parse_shell(text)
    index = next(i for i, command in enumerate(shell.commands) if command.name == "curl")
    found = runner(index, shell)
    assert (found and found.program) == program


@pytest.mark.parametrize(
    ("text", "checks"),
    [
        ("sha256sum -c sums", True),
        ("shasum -a 256 --check sums", True),
        ("gpg --batch --verify x.asc x", True),
        ("cosign verify-blob --key k x", True),
        ("sha256sum x", False),
        ("gpg --import key", False),
        ("echo sha256sum -c", False),
    ],
)
def test_what_verifies(text, checks):
    assert verifies(parse_shell(text)) is checks


@pytest.mark.parametrize(
    ("command", "url"),
    [
        ("curl -o x http://a.example/x", "http://a.example/x"),
        ("curl -sSLO http://a.example/$V", "http://a.example/$V"),
        ("wget http://a.example/x", "http://a.example/x"),
        ("curl http://a.example/x > y", "http://a.example/x"),
        ("curl -o x https://a.example/x", None),
        ("curl -o x -x http://proxy:3128 https://a.example/x", None),
        ("curl -o x http://localhost:8080/x", None),
        ("curl -sS -X POST http://a.example/hook", None),
        ("wget --spider http://a.example/x", None),
    ],
)
def test_downloads_over_plain_http(command, url):
    found = plain_http(one(command))
    assert (found and found.raw) == url


@pytest.mark.parametrize(
    ("source", "certain"),
    [
        (".env", True),
        ("config/.env", True),
        (".env.production", False),
        (".npmrc", False),
        ("id_ed25519", True),
        ("certs/tls.key", True),
        ("*.key", True),
        ("home/.docker/config.json", False),
        ("store.jks", False),
        (".env.example", None),
        ("id_rsa.pub", None),
        ("release.gpg.key", None),
        ("cacerts.jks", None),
        ("server.crt", None),
        ("monkey", None),
        (".", None),
    ],
)
def test_files_with_secrets(source, certain):
    found = secret_file(source)
    assert (found and found.certain) == certain


def test_a_key_in_a_keyring_is_public():
    assert secret_file("docker.key", "/etc/apt/keyrings/") is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("echo $A ${B}", ["A", "B"]),
        ("go build -X main.VERSION=${VERSION}", ["VERSION"]),
        ("cat <<E\n$A\nE\n", ["A"]),
        ("cat <<'E'\n$A\nE\n", []),
        ("A=1; echo $A", []),
        ("export A=1 && echo $A", []),
        ("for a in 1 2; do echo $a; done", []),
        ("read -r a b && echo $a $b", []),
        ("while getopts x flag; do echo $flag $OPTARG; done", []),
        ("((n++)); echo $n", []),
        (": ${A:=1}; echo $A ${B:-} ${C:+x} ${D:?}", []),
        ("echo '$A' \\$B $1 $@ $? $$ $HOME $BASH_VERSION", []),
        (". /etc/os-release; echo $ID", []),
        ("echo $A 'unclosed", []),
        ("sh -c 'echo $A'", ["A"]),
    ],
)
def test_variables_that_a_run_reads(text, names):
    assert [use.name for use in undeclared(text, parse_shell(text))] == names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("mysql -uroot -pkerp-1-x", "password"),
        ("docker login -u kerp -p kerp-1-x", "password"),
        ("echo kerp-1-x | docker login --password-stdin", "password"),
        ("curl -H 'X-Api-Key: kerp-1-x' u", "X-Api-Key"),
        ("curl -H 'Authorization: Bearer kerp-1-x' u", "token"),
        ("npm config set //r.example/:_authToken kerp-1-x", "//r.example/:_authToken"),
        ("echo 'password: kerp-1-x' > /etc/x", "password"),
        ("cat <<E > .netrc\nmachine m login l password kerp-1-x\nE\n", "password"),
        ("./x --db-password=kerp-1-x", "db-password"),
    ],
)
def test_values_are_found_under_their_names(text, name):
    found = [g for g in given(parse_shell(text)) if g.name == name]
    assert [g.value for g in found] == ["kerp-1-x"]
    assert "kerp-1-x" not in repr(found)


@pytest.mark.parametrize(
    "text",
    [
        "adduser --disabled-password kerp",
        "docker login --password-stdin registry.example.com",
        "mysql -p database",
        "mysql --user root",
        "echo 'password: ask the team'",
    ],
)
def test_what_only_looks_like_a_value(text):
    assert [g for g in given(parse_shell(text)) if "password" in g.name] == []


def test_bases_without_a_health_check():
    assert base_has_none("nginx:1.27")
    assert base_has_none("gcr.io/distroless/static")
    assert not base_has_none("bitnami/redis:7")
    assert not base_has_none("${BASE}")


def findings(text, policy):
    profile = load_profile("kerp")
    result = check_file(Source("Dockerfile", text.encode()), Context(profile))
    assert result.crashes == []
    return [finding for finding in result.findings if finding.policy == policy]


def token():
    """A GitHub token by its form only, which no file may hold."""
    import zlib

    body = "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5"
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    number, check = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, rest = divmod(number, 62)
        check = digits[rest] + check
    return "gh" + "p_" + body + check


@pytest.mark.parametrize(
    ("before", "place"),
    [
        ("FROM alpine:3.19\nENV A=1 \\\n    CI=", (3, 8)),
        ("FROM alpine:3.19\nRUN git clone x && echo ", (2, 25)),
        ("FROM alpine:3.19\nRUN <<EOF\npython3 - <<X\nt = '", (4, 6)),
        ("FROM alpine:3.19\nLABEL note=", (2, 12)),
        ("ARG T=", (1, 7)),
    ],
)
def test_a_token_is_found_in_its_exact_place_and_never_shown(before, place):
    secret = token()
    after = "'\nX\nEOF\n" if "<<X" in before else "\nFROM alpine:3.19\n"
    [found] = findings(before + secret + after, "image-secret")
    assert found.place.span.start == place
    assert found.place.span.end_column - found.place.span.column == len("ghp_")
    assert "a GitHub" in found.message
    assert secret[4:12] not in repr(found)


def test_one_value_is_told_once():
    secret = token()
    text = f"FROM alpine:3.19\nARG GITHUB_TOKEN={secret}\nENV GITHUB_TOKEN=$GITHUB_TOKEN\n"
    assert [f.place.span.line for f in findings(text, "image-secret")] == [2]


def test_runs_with_different_heredocs_have_different_addresses():
    text = "FROM alpine:3.19\nRUN <<E\nsudo a\nE\nRUN <<E\nsudo b\nE\n"
    addresses = {found.place.address for found in findings(text, "sudo")}
    assert len(addresses) == 2
    assert not any("~" in address for address in addresses)


def test_the_guides_dockerfiles():
    def of(tree):
        return {
            (f.file, f.place.span.line, f.policy, str(f.verdict))
            for f in judge(FIXTURES / tree)
            if f.file.endswith("Dockerfile")
        }

    assert of("kerp") == {
        ("web/Dockerfile", 3, "pinned-base-image", "fail"),
        ("web/Dockerfile", 18, "pinned-base-image", "fail"),
        ("web/Dockerfile", 18, "image-user", "fail"),
        ("backend/Dockerfile", 14, "dropped-build-argument", "fail"),
    }
    assert of("kerp-compliant") == set()


@pytest.mark.parametrize(
    "text",
    [
        lambda n: "ENV " + " ".join(f"P{i}_PASSWORD=x{i}yz" for i in range(n)),
        lambda n: "RUN " + " && ".join(f"apk add a{i} && curl -k http://x/{i}" for i in range(n)),
        lambda n: "RUN " + " | ".join(["curl x"] * n),
        lambda n: "RUN cat <<E > x\n" + "login " * 5 * n + "\nE",
        lambda n: "USER 1001:1001\n" + "\n".join(f"COPY a{i} /b{i}" for i in range(n)),
        lambda n: "RUN chmod " + "a+w," * 5 * n + " x",
        lambda n: "RUN echo " + "((" * 5 * n,
        lambda n: "\n".join("CMD x" for _ in range(n)),
        lambda n: "\n".join(f"FROM a AS stage{i}\nCOPY --from=stoge b /c" for i in range(n)),
        lambda n: "RUN apt-get install a\n" * n,
        lambda n: "RUN a \\\n" + "# # \\\n # b # \\\n" * 4 * n + " c",
        lambda n: "RUN a" + "; b | id || c" * n,
        lambda n: f'LABEL org.opencontainers.image.licenses="MIT AND{" " * 20 * n}!"',
        lambda n: f"RUN apt-get install -{'y' * 20 * n}! curl",
        lambda n: f"RUN htpasswd -{'b' * 20 * n}! users kerp x",
        lambda n: f'SHELL ["/bin/sh", "-{"e" * 20 * n}!"]\nRUN make; make install',
        lambda n: f"FROM {'alpine' * 20 * n}\nRUN apk add curl",
    ],
    ids=[
        "pairs",
        "commands",
        "pipes",
        "netrc",
        "copies",
        "mode",
        "arithmetic",
        "repeated",
        "stages",
        "packages",
        "comments",
        "lists",
        "licence",
        "options",
        "passwords",
        "shell",
        "base",
    ],
)
def test_hostile_files_take_time_in_proportion(text):
    context = Context(load_profile("thorough"))

    def judge(text):
        check_file(Source("Dockerfile", text.encode()), context)

    assert grows_no_faster(lambda n: f"FROM alpine:3.19\n{text(n)}\n", judge, 250)


def test_nested_onbuild_is_refused_without_following_it():
    text = "FROM alpine:3.19\n" + "ONBUILD " * 3000 + "RUN sudo ls\n"
    result = check_file(Source("Dockerfile", text.encode()), Context(load_profile("kerp")))
    assert result.crashes == []
