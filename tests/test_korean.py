"""Words in Korean: complete, chosen by option or locale, as wide as a terminal has them."""

import ast
import re
import shutil
import subprocess
import sys
from gettext import GNUTranslations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import kerp_policy, write
from harness import ROOT
from kerp_policy import i18n
from kerp_policy.cells import width, wrapped
from kerp_policy.policy.load import load_library, load_profile
from kerp_policy.policy.profiles import extended
from kerp_policy.policy.words import in_language, with_particles

WORDS = ("title", "why", "how")
HANGUL = re.compile("[가-힣]")
PLACEHOLDER = re.compile(r"\{([a-z][a-z_]*)\}")
QUOTED = re.compile("`([^`]+)`")
POLICIES = load_library().policies


def test_every_policy_is_told_in_korean():
    gaps = {
        f"{id}: {key}"
        for id, policy in POLICIES.items()
        for key in WORDS
        if not HANGUL.search(policy.ko.get(key, ""))
    }
    assert not gaps


def test_korean_names_the_parameters_and_the_code_that_english_names():
    differing = {
        f"{id}: {key}"
        for id, policy in POLICIES.items()
        for key in WORDS
        for pattern in (PLACEHOLDER, QUOTED)
        if key in policy.ko
        and set(pattern.findall(policy.ko[key])) != set(pattern.findall(getattr(policy, key)))
    }
    assert not differing


def test_korean_has_one_voice():
    """A title states the rule; a reason ends in a statement, and advice asks for something."""
    endings = {"title": r"다$", "why": r"니다\.$", "how": r"십시오[.:(]"}
    others = {
        f"{id}: {key}"
        for id, policy in POLICIES.items()
        for key, ending in endings.items()
        if not re.search(ending, policy.ko.get(key, ""))
    }
    assert not others


def test_every_clause_of_the_standard_is_told_in_korean():
    profile = load_profile("kerp")
    assert {*profile.ko["clauses"]} == {*profile.clauses}
    assert {*profile.ko["sections"]} == {*profile.sections}
    assert {*profile.ko.get("pending", {})} == {*profile.pending}
    assert all(HANGUL.search(text) for text in profile.ko["clauses"].values())


def test_a_profile_that_words_a_clause_anew_loses_the_korean_words_of_its_base():
    korean = {"title": "T", "clauses": {"a": "가", "b": "나"}}
    base = {"clauses": {"a": "A", "b": "B"}, "ko": korean}
    assert extended(base, {"clauses": {"a": "other"}})["ko"]["clauses"] == {"b": "나"}
    assert (
        extended({"ko": {"sections": {"1": "가"}}}, {"sections": {"1": "A"}})["ko"]["sections"]
        == {}
    )
    assert "title" not in extended(base, {"title": "Ours"})["ko"]
    own = {"clauses": {"a": "other"}, "ko": {"clauses": {"a": "다른"}}}
    assert extended(base, own)["ko"]["clauses"] == {"a": "다른", "b": "나"}


def test_a_policy_without_korean_keeps_its_own_words(tmp_path):
    policy = (
        "title: Pods are ours\nseverity: error\ntopics: [x]\neach: pod\n"
        "require: {hostNetwork: {absent: true}}\nwhy: Because.\nhow: Do it.\n"
    )
    files = {
        "policies/kubernetes/ours.yaml": policy,
        "policies/profiles/own.yaml": "title: Ours\ninclude: {policies: [ours]}\n",
        ".kerp-policy.yaml": "profile: own\npolicies: [policies]\n",
    }
    outcome = kerp_policy("explain", "ours", "--lang", "ko", cwd=write(tmp_path, files))
    assert outcome.out.startswith("ours (오류)\nPods are ours\n")
    assert "\n이유\n  Because.\n" in outcome.out


def test_korean_that_leaves_a_parameter_out_is_told(tmp_path):
    policy = (
        "title: At least {min}\nseverity: error\ntopics: [x]\neach: pod\nparams: {min: 1}\n"
        "require: {hostNetwork: {absent: true}}\nwhy: Because.\nhow: Do it.\n"
        "ko: {title: 최소, why: 이유, how: 조치}\n"
    )
    files = {
        "policies/kubernetes/ours.yaml": policy,
        ".kerp-policy.yaml": "policies: [policies]\n",
    }
    outcome = kerp_policy("list", cwd=write(tmp_path, files))
    assert outcome.code == 2
    assert "ours.yaml:9:6: title has {min} in one language only" in outcome.err


@pytest.mark.parametrize(
    ("text", "natural"),
    [
        ("UID 1001(으)로", "UID 1001로"),
        ("6(으)로", "6으로"),
        ("집(으)로, 물(으)로, 소(으)로", "집으로, 물로, 소로"),
        ("60을(를), 2을(를), 3이(가), 4이(가)", "60을, 2를, 3이, 4가"),
        ("app, env을(를)", "app, env을(를)"),
        ("`main`(으)로", "`main`(으)로"),
    ],
)
def test_particles_follow_the_sound_before_them(text, natural):
    assert with_particles(text) == natural


def test_parameters_in_effect_are_filled_in():
    profile = in_language(load_profile("kerp"), "ko")
    [policy] = [policy for policy in profile.policies if policy.id == "run-as-uid"]
    assert policy.title == "컨테이너는 UID 1001로 실행한다"
    assert policy.help().startswith("securityContext.runAsUser를 1001로 설정하십시오.")


def test_every_message_is_translated_and_the_catalogue_is_current():
    build = _build_messages()
    catalogue = build.updated(i18n.KOREAN)
    missing = [m.id for m in catalogue if m.id and not all(_translations(m))]
    assert not missing, "translate them in the .po: python scripts/build_messages.py"
    lying = build.read(i18n.KOREAN)
    assert {m.id for m in lying} == {m.id for m in catalogue}, "run scripts/build_messages.py"


SPEAKING = (
    "cli/*.py", "commands/*.py", "review/*.py", "estate/graph/*.py", "report/graph.py",
    "config.py", "fixtures.py", "baseline/file.py", "trust/*.py", "audit/*.py",
    "policy/catalogues.py", "policy/load.py", "policy/model.py", "policy/profiles.py",
    "policy/releases.py", "policy/review.py", "policy/text.py", "policy/validate.py",
    "checks/__init__.py", "scopes/reading.py", "waivers/configured.py",
    "judging.py", "progress.py", "results.py", "timings.py", "report/github.py", "report/text.py",
    "sources/discover.py", "sources/git.py", "sources/tree.py",
)  # fmt: skip
"""What speaks to users otherwise than by findings, whose messages stay English."""
UNSPOKEN = {
    # what is written into files, whose keys and values are the same for everybody
    "# yaml-language-server: $schema=", "profile: ", "title: ", "extends: ", "policies: [",
    "    namespaces: [", "    labels: {", "    paths: [", "when: ", "findings:\n", "  - file: ",
    "\n    line: ", "\n    policy: ", ", with the environments found here", "policies: ",
    "allow ", "until=", "reason=", "owner=", "value=", '"outlines": {', '"findings": [',
    # what has no other name
    "kubectl rollout undo", "^{commit}", " name", "workflow env", "#waiver",
    "  classDef broken stroke:#c00,stroke-width:2px", " stroke:#c00",
    # what keeps an audit from judging a repository, told at any machine in the same words
    "holds no files; it may not have been checked out",
    "its own configuration leaves out all that there is to check",
    "is no folder", "there is no such folder",
    "a worker", "a mistake of kerp-policy's own (", "judging it ended with ",
    "the process that judged it ended without an answer; it may have run out of memory",
}  # fmt: skip
TEMPLATES = ("title: {title}\n", "title: The standard", "(?:")
"""How what is no sentence begins: the text of a file, a pattern."""


def test_every_text_of_a_command_is_marked_for_translation():
    build = _build_messages()
    spoken = {text for m in build.extracted() if m.id for text in build.texts_of(m.id)}
    unmarked = {
        f"{path.relative_to(ROOT)}:{line}: {text!r}"
        for pattern in SPEAKING
        for path in (ROOT / "kerp_policy").glob(pattern)
        for line, text in build.unmarked(path.read_text("utf-8"))
        if text not in spoken | UNSPOKEN and not text.startswith(TEMPLATES)
    }
    assert not unmarked, "mark them by `_` or `noted`, or tell above why not"


@pytest.mark.parametrize(
    ("source", "unmarked"),
    [
        ('raise UsageError("there is none")', ["there is none"]),
        ('raise UsageError(_("there is none"))', []),
        ('f"{file}: exists already"', [": exists already"]),
        ("f\"{_('exists already')}: {file}\"", []),
        ('"""Do what is asked."""\nfile = f"{folder}/expected.yaml"', []),
        ('amount(n, "thing found", "things found")', []),
    ],
)
def test_a_text_that_nobody_marked_is_found(source, unmarked):
    assert [text for _line, text in _build_messages().unmarked(source)] == unmarked


def test_no_module_takes_the_name_of_the_translating_function():
    taken = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "kerp_policy").rglob("*.py")
        if "import gettext as _" in (text := path.read_text("utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Name) and node.id == "_" and isinstance(node.ctx, ast.Store)
    ]
    assert not taken


def test_the_compiled_catalogue_says_what_the_text_says():
    build = _build_messages()
    with build.file(i18n.KOREAN, ".mo").open("rb") as stream:
        compiled = GNUTranslations(stream)
    for message in build.read(i18n.KOREAN):
        if not message.id:
            continue
        if isinstance(message.id, str):
            assert compiled.gettext(message.id) == message.string
        else:
            assert [compiled.ngettext(*message.id, n) for n in (0, 1, 2)] == [message.string[0]] * 3


def test_translations_have_the_places_that_the_messages_have():
    for message in _build_messages().read(i18n.KOREAN):
        theirs = _translations(message)
        ours = message.id if isinstance(message.id, str) else message.id[-1]
        if message.id and ours != "Option {name!r} requires {nargs} arguments.":
            names = re.findall(r"\{\w+", ours)
            assert sorted(names) == sorted(re.findall(r"\{\w+", theirs[0])), message.id


def _translations(message):
    return [message.string] if isinstance(message.id, str) else message.string


def _build_messages():
    pytest.importorskip("babel", reason="Babel reads and compiles the catalogue")
    sys.path.insert(0, str(ROOT / "scripts"))
    import build_messages

    return build_messages


def test_a_report_in_korean():
    outcome = kerp_policy(
        "check", "fixtures/kerp/web", "fixtures/kerp/deployments",
        "--select", "image-user,cron-schedule", "--lang", "ko", cwd=ROOT, COLUMNS="80",
    )  # fmt: skip
    assert outcome.code == 1
    lines = outcome.out.splitlines()
    assert "  30:3  오류  cron-schedule  (조항 8.1-a)" in lines
    assert "    조치: L, W, # 없이 다섯 필드(분, 시, 일, 월, 요일)로 쓰십시오." in lines
    assert "    조치: 마지막 스테이지를 `USER 1001:1001`로 끝내거나, 위의 RUN이 이 번호로" in lines
    assert lines[-1] == "매니페스트 8개, Dockerfile 1개 확인: 오류 2개, 경고 0개, 미확인 0개"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("markdown", "조치: L, W, # 없이"),
        ("markdown", "스케줄은 클러스터가 받아들이는 형식이다"),
        ("github", "%0AL, W, # 없이"),
        ("github", "title=cron-schedule (조항 8.1-a)"),
        ("junit", "스케줄은 클러스터가 받아들이는 형식이다"),
        ("junit", "조치: L, W, # 없이"),
        ("sarif", '"text": "스케줄은 클러스터가 받아들이는 형식이다"'),
        ("sarif", '"language": "ko"'),
        ("json", '"help": "L, W, # 없이'),
        ("html", '<html lang="ko"'),
        ("html", "요약</h2>"),
        ("html", "다섯 필드(분, 시, 일, 월, 요일)로 쓰십시오."),
    ],
)
def test_every_report_is_in_korean(form, words):
    path = "fixtures/kerp/deployments/k8s/cronjobs.yaml"
    arguments = ("--select", "cron-schedule", "--format", form, "--lang", "ko")
    outcome = kerp_policy("check", path, *arguments, cwd=ROOT)
    # Markdown escapes what could be markup.
    assert words in outcome.out.replace("&#35;&#8203;", "#").replace("\\#", "#")


def test_what_a_policy_says_in_korean():
    outcome = kerp_policy("explain", "run-as-uid", "--lang", "ko", cwd=ROOT)
    assert outcome.code == 0
    assert outcome.out.splitlines()[:5] == [
        "run-as-uid (오류)",
        "컨테이너는 UID 1001로 실행한다",
        "  조항 3.1-f, API 서버 Deployment: "
        "모든 컨테이너에 runAsNonRoot, runAsUser 1001, fsGroup 1001이 적용되어 있다.",
        "  조항 8.1-b, 정기 작업 (CronJob): 이미지와 워크로드 규칙은 작업(CronJob)에도 적용된다.",
        "  매개변수 uid: 1001",
    ]
    assert "\n이유\n  모든 이미지와" in outcome.out
    assert "\n나쁜 예\n" in outcome.out


def test_the_list_in_korean():
    lines = kerp_policy("list", "--lang", "ko", cwd=ROOT).out.splitlines()
    assert lines[0] == "K-ERP 배포 및 운영 가이드, 1.0"
    rows = [line for line in lines if line.startswith(("run-as-uid ", "alert-continue "))]
    assert [row.split()[1] for row in rows] == ["정보", "오류"]
    ahead = [re.split("(?<=  )(?=컨테이너는 UID|continue는)", row)[0] for row in rows]
    assert width(ahead[0]) == width(ahead[1])


def test_the_controls_in_korean():
    outcome = kerp_policy("controls", "isms-p", "--lang", "ko", cwd=ROOT)
    assert "  2.5.2   일부" in outcome.out
    assert "사용자 식별" in outcome.out


def test_the_help_in_korean():
    outcome = kerp_policy("check", "--help", "--lang", "ko", cwd=ROOT, COLUMNS="80")
    lines = outcome.out.splitlines()
    assert lines[0] == "사용법: python -m kerp_policy check [OPTIONS] [PATHS]..."
    assert "  -q, --quiet                     실패한 것만 보여 줍니다." in lines
    assert max(map(width, lines)) <= 80
    whole = kerp_policy("--lang=ko", "--help", cwd=ROOT, COLUMNS="80").out
    assert "\n명령:\n" in whole
    assert "  list      표준의 정책을 나열합니다.\n" in whole


@pytest.mark.parametrize("name", ["review", "config"])
def test_an_option_without_help_stays_without(name):
    lines = kerp_policy(name, "--help", "--lang", "ko", cwd=ROOT).out.splitlines()
    [line] = [line for line in lines if line.startswith("  --format")]
    assert line.rstrip().endswith("]")


def test_usage_errors_in_korean():
    wrong = kerp_policy("check", "--lang", "ko", "--nope", cwd=ROOT)
    assert wrong.code == 2
    assert "오류: '--nope' 옵션은 없습니다." in wrong.err
    assert "도움말: 'python -m kerp_policy check --help'" in wrong.err
    twice = kerp_policy("check", "--lang", "ko", "--format", "json", "--format", "text", cwd=ROOT)
    assert twice.code == 2
    assert twice.err.startswith("kerp-policy: 표준 출력에는 --format 하나만 쓸 수 있습니다.")


def test_an_unknown_language_is_told(tmp_path):
    outcome = kerp_policy("list", "--lang", "fr", cwd=tmp_path)
    assert outcome.code == 2
    assert "Invalid value for '--lang'" in outcome.err
    assert "'fr' is not one of 'en', 'ko'." in outcome.err
    outcome = kerp_policy("list", cwd=tmp_path, KERP_POLICY_LANG="fr")
    assert outcome.code == 2
    assert "'fr' is not one of 'en', 'ko'." in outcome.err


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko"}, "ko"),
        ({"LANG": "kok_IN.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ko_KR.utf8"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": ""}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LANGUAGE": "en:ko"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "de:ko:en"}, "ko"),
        ({"LANG": "C", "LANGUAGE": "ko"}, "en"),
        ({"LANG": "ko_KR.UTF-8", "KERP_POLICY_LANG": "en"}, "en"),
        ({"LANG": "en_US.UTF-8", "KERP_POLICY_LANG": "ko"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "KERP_POLICY_LANG": "fr"}, "en"),
    ],
)
def test_the_environment_asks_for_a_language(environment, language):
    assert i18n.preferred(environment) == language


def test_the_locale_counts_and_the_option_more(tmp_path):
    locale = {"KERP_POLICY_LANG": "", "LC_ALL": "ko_KR.UTF-8", "LANGUAGE": ""}
    assert "사용법:" in kerp_policy("--help", cwd=tmp_path, **locale).out
    assert "Usage:" in kerp_policy("--help", "--lang", "en", cwd=tmp_path, **locale).out


def test_a_word_after_two_dashes_is_no_language(tmp_path):
    outcome = kerp_policy("explain", "--", "--lang=ko", cwd=tmp_path)
    assert outcome.code == 2
    assert "names the policy '--lang=ko', which does not exist" in outcome.err


def test_what_was_spoken_before_is_spoken_again():
    with i18n.speaking("ko"):
        assert i18n.amount(2, "error", "errors") == "오류 2개"
    assert i18n.amount(2, "error", "errors") == "2 errors"
    assert i18n.amount(1, "error", "errors") == "1 error"
    assert i18n.language() == "en"


@given(st.text(st.sampled_from("가나 ab-é\n"), max_size=60), st.integers(4, 20))
def test_wrapping_counts_cells_and_loses_nothing(text, columns):
    lines = wrapped(text, columns, " ")
    assert all(width(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_long_words_jut_out_where_they_must_not_break():
    assert wrapped("가나다 라마바사아자", 8, break_long_words=False) == ("가나다", "라마바사아자")


def test_there_is_a_tool_that_reads_the_catalogue():
    if not shutil.which("msgfmt"):
        pytest.skip("msgfmt of GNU gettext is not installed")
    po = i18n.FOLDER / "ko" / "LC_MESSAGES" / "kerp_policy.po"
    done = subprocess.run(
        ["msgfmt", "--check-format", "--check-domain", "-o", "/dev/null", str(po)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
