"""What is built, under which names, and which container runs it."""

import pytest
from growth import grows_no_faster
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.checks import image_builds, image_pods
from kerp_policy.docker.build_command import read_build, read_tag
from kerp_policy.docker.ports import Ports, Request, base_ports, exposed, request
from kerp_policy.estate.builds import Build
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.extract import facts_of
from kerp_policy.estate.image_names import filled_in, is_same, repository, tail
from kerp_policy.estate.images import Dockerfile
from kerp_policy.estate.running import Images
from kerp_policy.policy.load import load_profile
from kerp_policy.scopes.context import Context
from kerp_policy.scopes.reading import read_artifact
from kerp_policy.sources.source import Source

CONTEXT = Context(load_profile("kerp"))


def facts(path, text):
    return list(facts_of(read_artifact(Source(path, text.encode()), CONTEXT).views))


def builds(steps, job="", workflow=""):
    listed = "".join(f"      - {step}\n" for step in steps)
    text = f"on: push\n{workflow}jobs:\n  build:\n    runs-on: ubuntu-24.04\n{job}    steps:\n"
    found = facts(".github/workflows/x.yml", f"{text}      - uses: actions/checkout@v6\n{listed}")
    return [fact for fact in found if isinstance(fact, Build)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("docker.io/kerp/api:1.2", "kerp/api"),
        ("nginx:1", "nginx"),
        ("registry.example.com:5000/kerp/api", "registry.example.com:5000/kerp/api"),
        ("ghcr.io/acme/api@sha256:" + "0" * 64, "ghcr.io/acme/api"),
        ("kerp/api:${VERSION}", "kerp/api"),
        ("$REGISTRY/kerp-api:$TAG", "${REGISTRY}/kerp-api"),
        ("${{ env.REGISTRY }}/kerp-api:${{ steps.v.outputs.v }}", "${{ env.REGISTRY }}/kerp-api"),
        ("${{secrets.ID}}.ecr.example.com/api:1", "${{ secrets.ID }}.ecr.example.com/api"),
        ("ghcr.io/${{ github.repository }}:1", "ghcr.io/${{ github.repository }}"),
        ("$IMAGE", ""),
        ("$IMAGE:$TAG", ""),
        ("ghcr.io/$NAME:1", ""),
        ("Not An Image", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_repository_is_a_name_without_tag_and_digest(name, expected):
    assert repository(filled_in(name, {})) == expected


def test_variables_are_put_in_one_within_the_other():
    variables = {"IMAGE": "$REGISTRY/api", "REGISTRY": "${{ env.HOST }}", "HOST": "ghcr.io"}
    assert filled_in("${IMAGE}:1 ${{ matrix.x }}", variables) == "ghcr.io/api:1 ${{ matrix.x }}"


def test_variables_that_hold_themselves_end():
    assert len(filled_in("$A", {"A": "$A$A"})) < 10_000
    assert len(filled_in("$A" * 400, {"A": "x" * 1_000_000})) < 10_000


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("kerp/api", "kerp/api", True),
        ("${R}/kerp-api", "x.example.com/kerp-api", None),
        ("${{ vars.R }}/kerp-api", "${R}/kerp-api", None),
        ("x.example.com/kerp-api", "y.example.com/kerp-api", False),
        ("${R}/kerp-api", "x.example.com/other/kerp-api", False),
        ("docker.io/kerp/api", "api", False),
        ("", "", False),
    ],
)
def test_names_are_one_for_sure_or_only_perhaps(one, other, expected):
    assert is_same(one, other) is expected
    assert is_same(other, one) is expected


@given(st.text(alphabet="ab/.:@${} \n", max_size=60))
def test_any_text_has_a_name_or_none(text):
    name = repository(filled_in(text, {"a": "b"}))
    assert repository(name) == name
    assert tail(name) == "" or name.endswith(tail(name))


@pytest.mark.parametrize(
    ("command", "context", "named"),
    [
        ("docker build .", ".", []),
        ("docker build -t a -fDockerfile.x --pull src", "src", ["Dockerfile.x"]),
        ("docker buildx build --platform linux/amd64 --push --file=x -t a .", ".", ["x"]),
        ("docker image build . -t a", ".", []),
        ("podman build -t a -f x y", "y", ["x"]),
        ("buildah bud -f x .", ".", ["x"]),
        ("docker build ${OPTIONS} -t a .", ".", []),
        ("docker build -", "-", []),
    ],
)
def test_the_words_of_a_build(command, context, named):
    words = command.split()
    found = read_build(words)
    assert words[found.context] == context
    assert [option.value for option in found.all("--file")] == named


@pytest.mark.parametrize("command", ["docker push a", "docker", "docker buildx bake", "make build"])
def test_what_builds_no_image(command):
    assert read_build(command.split()) is None


def test_options_in_a_variable_leave_the_arguments_open():
    assert read_build(["docker", "build", "${OPTIONS}", "."]).is_open
    assert not read_build(["docker", "build", "--build-arg", "A=1", "."]).is_open
    assert read_build(["docker", "build", "a", "b"]).context is None


@given(st.lists(st.sampled_from(["-t", "--tag=x", "-f", ".", "x", "-", "--build-arg", "$X", "-q"])))
def test_any_words_are_read(words):
    found = read_build(["docker", "build", *words])
    assert found.context is None or 2 <= found.context < len(words) + 2
    assert read_tag(["docker", "tag", *words]) is None or len(words) == 2


def test_a_build_in_a_script_is_seen_from_the_folder_that_it_runs_in():
    [first, second, third, last] = builds(
        [
            "run: cd backend && docker build -t a .",
            "{run: docker build -f x/Dockerfile ../web, working-directory: backend}",
            "run: (cd web; docker build .)",
            "run: docker build $(pwd)",
        ]
    )
    assert (first.dockerfile.path, first.context.path) == ("backend/Dockerfile", "backend")
    assert (second.dockerfile.path, second.context.path) == ("backend/x/Dockerfile", "web")
    assert (third.dockerfile.path, last.dockerfile.path) == ("web/Dockerfile", None)


def test_names_are_those_of_the_environment_of_the_script_and_of_later_tags():
    [build] = builds(
        [
            "run: |\n          IMAGE=$REGISTRY/api\n          docker build -t $IMAGE:1 .\n"
            "          docker tag $IMAGE:1 ghcr.io/acme/api:latest"
        ],
        workflow="env: {REGISTRY: registry.example.com}\n",
    )
    assert build.names == {"registry.example.com/api", "ghcr.io/acme/api"}


def test_the_build_action_takes_its_tags_from_the_metadata_action():
    [build] = builds(
        [
            "{id: meta, uses: docker/metadata-action@v5, with: {images: ghcr.io/acme/api}}",
            "{uses: docker/build-push-action@v6, with: {context: api, target: Run, "
            "tags: '${{ steps.meta.outputs.tags }}', build-args: \"A=1\\nB=${{ vars.B }}\"}}",
        ]
    )
    assert build.names == {"ghcr.io/acme/api"}
    assert (build.dockerfile.path, build.target) == ("api/Dockerfile", "run")
    assert [(a.name, a.sources, a.literal) for a in build.arguments] == [
        ("A", (), True),
        ("B", ("vars.B",), False),
    ]


def test_a_matrix_that_is_written_out_makes_a_build_for_each_run():
    step = "{uses: docker/build-push-action@v6, with: {context: 'src/${{ matrix.name }}'}}"
    listed = builds([step], job="    strategy: {matrix: {name: [a, b]}}\n")
    assert [build.context.path for build in listed] == ["src/a", "src/b"]
    computed = builds([step], job="    strategy: {matrix: '${{ fromJSON(x) }}'}\n")
    assert [build.context.path for build in computed] == [None]


def test_skaffold_lists_builds_too():
    text = (
        "apiVersion: skaffold/v4beta6\nkind: Config\nmetadata: {name: x}\n"
        "build:\n  artifacts:\n    - {image: api, context: src/api}\n"
        "    - {image: web, context: web, docker: {dockerfile: x/Dockerfile, target: run}}\n"
    )
    [api, web] = [f for f in facts("deploy/skaffold.yaml", text) if isinstance(f, Build)]
    assert (api.dockerfile.path, api.names) == (
        "deploy/src/api/Dockerfile",
        {"api"},
    )
    assert (web.dockerfile.path, web.target) == ("deploy/web/x/Dockerfile", "run")


@pytest.mark.parametrize(
    ("before", "is_untouched"),
    [
        ("echo x >> $GITHUB_OUTPUT", True),
        ("aws ecr get-login-password | docker login --password-stdin x", True),
        ("VERSION=$(date +%s)", True),
        ("git rev-parse HEAD | cut -c1-7 > /tmp/sha 2>&1", True),
        ("grep x < Dockerfile", True),
        ("git checkout main", False),
        ("echo x > $GITHUB_WORKSPACE/x", False),
        ("echo x > /home/runner/work/kerp/kerp/x", False),
        ("$MAKE", False),
        ("mkdir dist", False),
        ("echo FROM x > Dockerfile", False),
        ("aws s3 cp s3://x .", False),
        ("docker run -v .:/x y", False),
        ("make dist", False),
    ],
)
def test_what_may_have_written_files_before_a_build(before, is_untouched):
    in_one = builds([f"run: |\n          {before}\n          docker build ."])
    in_two = builds([f"run: |\n          {before}", "run: docker build ."])
    assert [build.is_untouched for build in (*in_one, *in_two)] == [is_untouched, is_untouched]


def test_a_checkout_of_something_else_is_not_this_project():
    step = "{uses: actions/checkout@v6, with: {repository: acme/other}}"
    assert [build.context.path for build in builds([step, "run: docker build ."])] == [None]


def test_a_composite_action_builds_in_the_folder_of_who_uses_it():
    steps = "    - {shell: bash, run: docker build api}\n"
    text = f"name: x\nruns:\n  using: composite\n  steps:\n{steps}"
    [build] = (fact for fact in facts("build/action.yml", text) if isinstance(fact, Build))
    assert (build.dockerfile.path, build.is_untouched) == ("api/Dockerfile", False)


@pytest.mark.parametrize(
    ("event", "inputs", "is_untouched"),
    [("push", "", True), ("workflow_call", "", False), ("push", "{ref: v1}", False)],
)
def test_what_lies_here_is_what_is_checked_out(event, inputs, is_untouched):
    text = (
        f"on: {event}\njobs:\n  build:\n    runs-on: x\n    steps:\n"
        f"      - uses: actions/checkout@v6\n        with: {inputs}\n      - run: docker build .\n"
    )
    [build] = [f for f in facts(".github/workflows/x.yml", text) if isinstance(f, Build)]
    assert build.is_untouched is is_untouched


def test_an_image_takes_over_what_bases_of_the_estate_say_even_in_a_circle():
    text = "FROM registry.example.com/{}\n"
    files = {"a/Dockerfile": text.format("b"), "b/Dockerfile": text.format("a") + "USER 5:6\n"}
    found = [fact for path, content in files.items() for fact in facts(path, content)]
    found += builds([f"run: docker build -t registry.example.com/{n} {n}" for n in "ab"])
    estate = Estate(found)
    users = {
        file.file: estate.made(Images).effective(file.targets[-1]).user.uid
        for file in estate.all(Dockerfile)
    }
    assert users == {"a/Dockerfile": 5, "b/Dockerfile": 5}


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("8080", Ports(8080, 8080, "TCP")),
        ("53/udp", Ports(53, 53, "UDP")),
        ("8000-8010/tcp", Ports(8000, 8010, "TCP")),
        ("8080/", Ports(8080, 8080, "TCP")),
        ("8010-8000", None),
        ("http", None),
        ("99999", None),
    ],
)
def test_what_expose_names(text, ports):
    assert exposed(text) == ports
    assert ports is None or exposed(str(ports)) == ports


@pytest.mark.parametrize(
    ("command", "asked"),
    [
        ("wget -qO- http://localhost:8080/health", Request(8080, "/health")),
        ("curl -f https://127.0.0.1/health?x=1", Request(443, "/health")),
        ("curl localhost:9000", Request(9000, "/")),
        ("nc -z localhost 5432", Request(5432, None)),
        ("curl http://db:8080/health", None),
        ("curl http://localhost:1/a http://localhost:2/b", None),
        ("/app --check", None),
        ("python3 -c urlopen('http://localhost:8000/health')", Request(8000, "/health")),
        ('node -e fetch("http://127.0.0.1:3000").then(quit)', Request(3000, "/")),
        ("node -e get('http://localhost:'+process.env.PORT)", None),
        ("node -e get(`http://localhost:30${n}`)", None),
        ("python -c get('http://localhost:1/a','http://localhost:2/b')", None),
    ],
)
def test_what_a_check_of_health_asks(command, asked):
    assert request(command.split()) == asked


@pytest.mark.parametrize(
    ("image", "ports"),
    [("nginx:1.28", {80}), ("alpine:3", set()), ("gcr.io/distroless/static", set()),
     ("scratch", set()), ("php:8-apache", None), ("ghcr.io/acme/base:1", None),
     ("nginxinc/nginx-unprivileged:1", {8080})],
)  # fmt: skip
def test_what_a_base_exposes(image, ports):
    assert base_ports(image) == ports


def test_the_time_grows_with_the_number_of_builds():
    """Names whose registry is a variable are alike, so that each might be held to all others."""

    def project(count):
        image = "image: registry.example.com/api:1"
        found = builds([f"run: docker build -t $R{i}/api:1 d{i}" for i in range(count)])
        for i in range(count):
            found += facts(f"d{i}/Dockerfile", "FROM alpine:3.24.1\nUSER 1001\n")
            pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p{i}}}\nspec:\n  containers:\n"
            found += facts(f"d{i}/pod.yaml", f"{pod}    - {{name: a, {image}}}\n")
        return found, [f"d{i}/Dockerfile" for i in range(count)]

    def judge(known):
        estate = Estate(*known)
        for check in (image_builds.dropped_arguments, image_builds.files_exist, image_pods.user):
            list(check(estate, {}))

    assert grows_no_faster(project, judge, 100, times=8)


def test_a_matrix_of_any_size_makes_few_builds():
    numbers = ", ".join(map(str, range(999)))
    matrix = f"    strategy: {{matrix: {{a: [{numbers}], b: [{numbers}]}}}}\n"
    found = builds(["run: docker build $A $B -t ${{ matrix.a }} ."] * 20, job=matrix)
    assert 20 <= len(found) <= 1_000
