import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.kubernetes.schedule import schedule_error, time_zone_error


@pytest.mark.parametrize(
    "text",
    [
        "0 2 * * *",
        "*/5 * * * *",
        "0 0 1,15 * mon-fri",
        "0 0 ? JAN-Mar ?",
        "5/10 8-18/2 * * 0",
        "+5 02 * * *",
        "  0 2  * * *  ",
        "1,,2 * * * *",
        "0 0 29 2 *",
        "0 0 31 2 mon",
        "0 0 30 1,2 *",
        "@hourly",
        "@every 1h30m",
        "@midnight",
    ],
)
def test_accepted(text):
    assert schedule_error(text) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0 23 L * *", "has L as day of month, which is no value; run on 28-31"),
        ("0 0 15W * *", "W, L and # are not known here"),
        ("0 0 * * 5L", "W, L and # are not known here"),
        ("0 0 * * 1#2", "W, L and # are not known here"),
        ("0 0 * * 7", "has 7 as day of week; expected 0 to 6; Sunday is 0"),
        ("60 * * * *", "has 60 as minute; expected 0 to 59"),
        ("0 0 0 * *", "has 0 as day of month; expected 1 to 31"),
        ("0 22-2 * * *", "runs backwards; write 22-23,0-2"),
        ("*/0 * * * *", "has step 0 in */0 as minute"),
        ("*/x * * * *", "has x as minute, which is no step"),
        ("1/2/3 * * * *", "expected a range as low-high/step"),
        ("1-2-3 * * * *", "expected a range as low-high/step"),
        ("0 0 * foo *", "has foo as month"),
        ("0 0 * * MONDAY", "has MONDAY as day of week"),
        ("0 2 * *", "has 4 fields; expected five: minute, hour"),
        ("0 0 2 * * *", "has 6 fields; expected five"),
        ("0 0 2 * * *", "a field of seconds or years is not known here"),
        ("", "has 0 fields"),
        ("@reboot", "is no word that Kubernetes knows"),
        ("@montly", "did you mean @monthly?"),
        ("@every 1d", 'has no duration after @every but "1d"'),
        ("TZ=Asia/Seoul 0 2 * * *", "name the zone in spec.timeZone"),
        ("CRON_TZ=UTC 0 2 * * *", "name the zone in spec.timeZone"),
        ("0 0 31 2 *", "never runs: no month that it names has a day 31"),
        ("0 0 30 2 *", "never runs: no month that it names has a day 30"),
        ("0 0 31 4,6,9,11 *", "never runs: no month that it names has a day 31"),
        (", 0 * * *", "never runs: its minute is empty"),
        ("٣ 0 * * *", "which is no value"),
        ("1_0 0 * * *", "which is no value"),
        ("9" * 500 + " * * * *", "which is no value"),
        ("*," * 600, "has 1200 characters"),
    ],
)
def test_refused_with_its_reason(text, words):
    assert words in schedule_error(text)


FIELDS = [(0, 59), (0, 23), (1, 28), (1, 12), (0, 6)]


@st.composite
def field(draw, bounds):
    low, high = bounds
    start = draw(st.integers(low, high))
    end = draw(st.integers(start, high))
    step = draw(st.integers(1, 99))
    return draw(
        st.sampled_from(["*", f"*/{step}", str(start), f"{start}-{end}", f"{start}-{end}/{step}"])
    )


@given(st.tuples(*[st.lists(field(bounds), min_size=1, max_size=3) for bounds in FIELDS]))
def test_every_schedule_of_the_grammar_is_accepted(parts):
    assert schedule_error(" ".join(",".join(part) for part in parts)) is None


@given(st.text())
def test_any_text_has_an_answer(text):
    assert schedule_error(text) is None or schedule_error(text)
    assert time_zone_error(text) is None or time_zone_error(text)


@pytest.mark.parametrize("name", ["Asia/Seoul", "Etc/UTC", "UTC", "US/Eastern"])
def test_time_zones(name):
    assert time_zone_error(name) is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Asia/Soul", "did you mean Asia/Seoul?"),
        ("asia/seoul", "did you mean Asia/Seoul?"),
        ("local", "names no time zone"),
        ("", "names no time zone"),
        ("KST+9", "is no time zone of the IANA database"),
        ("x" * 10**6, "is no time zone of the IANA database"),
    ],
)
def test_what_is_no_time_zone(name, words):
    assert words in time_zone_error(name)
