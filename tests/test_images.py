import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.checks.images import registry
from kerp_policy.kubernetes.images import ImageError, ImageReference, parse_image, pin_level
from kerp_policy.views import View

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("nginx", ("docker.io", "library/nginx", None, None)),
        ("nginx:1.27", ("docker.io", "library/nginx", "1.27", None)),
        ("kerp/api:v1", ("docker.io", "kerp/api", "v1", None)),
        ("index.docker.io/nginx", ("docker.io", "library/nginx", None, None)),
        ("registry:5000/app", ("registry:5000", "app", None, None)),
        ("registry:5000/app:1.2", ("registry:5000", "app", "1.2", None)),
        ("localhost/app", ("localhost", "app", None, None)),
        ("gcr.io/distroless/static:nonroot", ("gcr.io", "distroless/static", "nonroot", None)),
        ("[::1]:5000/app:a", ("[::1]:5000", "app", "a", None)),
        (f"app@{DIGEST}", ("docker.io", "library/app", None, DIGEST)),
        (f"quay.io/a/b:1.2@{DIGEST}", ("quay.io", "a/b", "1.2", DIGEST)),
    ],
)
def test_references(text, reference):
    assert parse_image(text) == ImageReference(*reference)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "app@sha256:short",
            "sha256:short is no digest; expected 64 hexadecimal digits",
        ),
        ("app@" + DIGEST.upper(), "is no digest"),
        ("app@", "is no digest"),
        ("app@md5:" + "0" * 32, "is no digest"),
        ("kerp/API:1.2", "upper-case letters in its repository"),
        ("app:", "the image app: has nothing behind its colon; expected a tag"),
        ("app:a b", "is no tag"),
        ("app:" + "a" * 129, "is no tag"),
        ("", "the image is empty; expected registry/name:tag"),
        ("a//b", "is no reference; expected registry/name:tag"),
        ("https://a.io/b", "is no"),
        ("-a.io/b", "is no registry"),
        ("a" * 300, "a name of more than 255 characters"),
        ("a:b:c", "is no reference; expected registry/name:tag"),
    ],
)
def test_what_is_no_reference_says_why(text, words):
    with pytest.raises(ImageError) as caught:
        parse_image(text)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("tag", "level"),
    [
        ("3.19", "version"),
        ("1.22-alpine", "version"),
        ("v1.2", "version"),
        ("12.5", "version"),
        ("2024.01", "version"),
        ("17.0.9_9-jre", "version"),
        ("alpine-3.19", "version"),
        ("release-v1.2.3", "version"),
        ("v20260204-monthly", "version"),
        ("main-60-g28382302", "version"),
        ("main-gate", "tag"),
        ("RELEASE.2024-01-16T16-07-38Z", "version"),
        ("bookworm-20240101", "version"),
        ("a1b2c3d4-20250101120000", "version"),
        ("3fa85f64", "version"),
        ("20-alpine", "tag"),
        ("20-alpine3.19", "tag"),
        ("alpine3.19", "tag"),
        ("v1", "tag"),
        ("stable", "tag"),
        ("latest-dev", "tag"),
        ("123456789", "tag"),
        ("latest", "none"),
    ],
)
def test_how_firmly_a_tag_pins(tag, level):
    assert pin_level(parse_image(f"app:{tag}")) == level


def test_digest_outweighs_and_nothing_is_nothing():
    assert pin_level(parse_image(f"app:latest@{DIGEST}")) == "digest"
    assert pin_level(parse_image("registry:5000/app")) == "none"


NAME = st.from_regex(r"[a-z0-9]{1,8}([._-][a-z0-9]{1,8}){0,2}", fullmatch=True)

HOST = st.from_regex(r"[A-Za-z0-9]{1,8}([.-][A-Za-z0-9]{1,8}){0,2}", fullmatch=True)


@given(HOST, st.lists(NAME, min_size=1, max_size=3), NAME)
def test_what_is_put_together_is_taken_apart(host, path, tag):
    registry, repository = f"{host}:5000", "/".join(path)
    text = f"{registry}/{repository}:{tag}"
    assert parse_image(text) == ImageReference(registry, repository, tag, None)


@given(st.text())
def test_any_text_is_a_reference_or_an_error_of_ours(text):
    try:
        assert pin_level(parse_image(text)) in ("none", "tag", "version", "digest")
    except ImageError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("image", "told"),
    [
        ("ghcr.io/acme/api:1.2", ()),
        ("ghcr.io/acme:1.2", ()),
        ("ghcr.io/acme/${NAME}", ()),
        ("${REGISTRY}/api:1.2", ("unverified", "filled in elsewhere; expected one from ghcr.io")),
        ("ghcr.io/acmes/api:1.2", ("fail", "comes from ghcr.io; expected ghcr.io/acme or r.io")),
        ("nginx:1.27", ("fail", "comes from docker.io; expected ghcr.io/acme or r.io")),
        ("k8s.gcr.io/a:1", ("fail", "comes from k8s.gcr.io, which is retired")),
        ("no image", ()),
        (None, ()),
    ],
)
def test_an_image_comes_from_the_registries_of_the_standard(image, told):
    params = {"registries": ["ghcr.io/acme", "r.io"], "retired": ["k8s.gcr.io"]}
    view = View("container", {"image": image}, {}, lambda path: None)
    remarks = [(str(r.verdict), r.message) for r in registry(view, params)]
    assert len(remarks) == bool(told)
    assert all(verdict == told[0] and told[1] in message for verdict, message in remarks)
