"""Configurations of Alertmanager, made from its table of fields: right ones, and broken ones."""

from itertools import product

from kerp_policy.artifacts.alertmanager.table import structs

VERSION = (0, 25)
"""Of the amtool that Debian has."""

STRUCTS = structs()

RIGHT = {
    "string": ["team", "x y", "5", "{{ .X }}"],
    "bool": [True, False],
    "int": [1, -5],
    "count": [0, 5],
    "duration": ["5m", "1h30m", "0", "1y2w3d4h5m6s7ms"],
    "go_duration": ["1s", 5],
    "duration_text": ["1m", "1.5h"],
    "url": ["http://x/", "https://a.b:80/c?d#e", "HTTP://u:p@h", "http://é/", "http://x:/"],
    "secret_url": ["https://h/x", "<secret>"],
    "webhook_url": ["https://h:8080/a"],
    "plain_url": ["http://p:3128", "", "socks5://x"],
    "host_port": ["h:25", "[::1]:25", ":25", ""],
    "secret": ["word"],
    "file": ["/a/b", "c"],
    "regexp": ["a|b", "Kube.*", "[a-z]+", "(?i)x", "\\d{2,3}", "a)(b", "\\Q*", "(?P<n>a)", "^*"],
    "matcher": ['a="b"', "{a=b,c!=d}", 'x=~"y.*"', "a=b,", " a = b ", "a=", 'a="\\""', "{}"],
    "label": ["a", "b_c"],
    "location": ["Asia/Seoul", "UTC", "", "Local"],
    "tls_version": ["TLS12"],
    "weekdays": ["monday", "Monday:Friday"],
    "days_of_month": ["1", "1:-1", "-3:-1", "+5"],
    "months": ["1:3", "may", "january:12", "13"],
    "years": [2026, "2026:2027"],
    "details": [{"a": "b"}],
    "any": [],
}
WRONG = {
    "string": [[1], {"a": "b"}],
    "bool": ["true", "yes", 1],
    "int": ["5", True, 2**70],
    "count": [-1, "5"],
    "duration": ["30", "5 m", "1.5h", "-5m", "", "1m1h", "1000000y", "h"],
    "go_duration": ["1", "1d", True],
    "duration_text": [5, "1d"],
    "url": [
        *("", "x", "ftp://x", "http://", "//x", "http://a b", "http://x:y/", "http://[::1"),
        *(
            "http://%41/",
            "http://x/%zz",
            "${X}",
            "http://x/${Y}",
            "http://a{}/",
            "http:x",
            "<secret>",
        ),
    ],
    "plain_url": ["http://a b", ":x", "%", "http://x:y"],
    "host_port": ["h", "h:", "::1:25", "[::1]", "[::1", "a]:5", "[a]b:5"],
    "secret": [[], {}],
    "regexp": [
        *("(", "[", "a**", "*", "(?=x)", "a{1001}", "\\y", ")", "(?P<n>a", "[z-a]", "x{2,1}"),
        *("[[:foo:]]", "(a{500}){3}", "\\1", "(?i", "[^]", "[a-\\d]", "(?<n>a)", "x|*", "\\C"),
    ],
    "matcher": [
        *("a", "a b=c", "=x", 'a="b', 'a=b"c', 'a=~"["', "1a=b", "a=b,,c=d", "{{a=b}}"),
        *("a.b=c", '"a"="b"', "a!=~b", "ä=b", ","),
    ],
    "label": ["", "1a", "a-b", "a:b"],
    "location": ["Asia/Soul", "KST", "asia/seoul"],
    "tls_version": ["1.2", "TLS14"],
    "weekdays": ["mon", "friday:monday", "", "a:b:c"],
    "days_of_month": ["0", "32", "-1:1", "5:1", "x", "29:-1"],
    "months": ["jan", "3:1", ""],
    "years": ["x", "2027:2026"],
    "details": [{"a": [1]}],
}
WRONG["secret_url"] = WRONG["webhook_url"] = WRONG["url"]
ODD = ["", None, 5, True, 1.5, [], {}, [None], ["x"], {"x": "y"}, [[]], [{}]]
"""What may stand in any field by mistake."""

LEAST = {
    "email": {"to": "a", "smarthost": "h:25", "from": "a"},
    "discord": {"webhook_url": "http://x"},
    "webhook": {"url": "http://x"},
    "pagerduty": {"routing_key": "x"},
    "pushover": {"user_key": "x", "token": "x"},
    "telegram": {"bot_token": "x", "chat_id": 1},
    "victorops": {"routing_key": "x", "api_key": "x"},
    "webex": {"room_id": "x", "http_config": {"authorization": {"credentials": "x"}}},
    "slack": {"api_url": "http://x"},
    "opsgenie": {"api_key": "x"},
    "wechat": {"api_secret": "x", "corp_id": "x"},
    "sns": {"topic_arn": "x"},
    "slack_action": {"type": "x", "text": "x", "url": "x"},
    "slack_field": {"title": "x", "value": "x"},
    "slack_confirm": {"text": "x"},
    "oauth2": {"client_id": "x", "client_secret": "x", "token_url": "x"},
    "opsgenie_responder": {"id": "x", "type": "team"},
    "time_interval": {"name": "x"},
    "receiver": {"name": "team"},
    "time_range": {"start_time": "01:00", "end_time": "02:00"},
    "route": {"receiver": "team"},
}
"""By struct, what the loader asks for."""

_PARENTS = {
    "interval": ("time_interval", "time_intervals", True),
    "time_range": ("interval", "times", True),
    "pagerduty_image": ("pagerduty", "images", True),
    "pagerduty_link": ("pagerduty", "links", True),
    "slack_action": ("slack", "actions", True),
    "slack_field": ("slack", "fields", True),
    "slack_confirm": ("slack_action", "confirm", False),
    "opsgenie_responder": ("opsgenie", "responders", True),
    "sigv4": ("sns", "sigv4", False),
    "http_config": ("global", "http_config", False),
    "time_interval": ("config", "time_intervals", True),
    "inhibit_rule": ("config", "inhibit_rules", True),
    "global": ("config", "global", False),
    "receiver": ("config", "receivers", True),
    "route": ("config", "route", False),
    **{key: ("http_config", key, False) for key in ("basic_auth", "authorization")},
    **{key: ("http_config", key, False) for key in ("oauth2", "tls_config")},
}


def configuration(kind, fields):
    """A configuration that is right but for one struct in it; None where that cannot be placed."""
    if kind == "config":
        return {"route": {"receiver": "team"}, "receivers": [{"name": "team"}], **fields}
    if "send_resolved" in STRUCTS[kind]:
        return configuration("receiver", {"name": "team", f"{kind}_configs": [fields]})
    if kind not in _PARENTS:
        return None
    parent, key, is_list = _PARENTS[kind]
    return configuration(parent, {**LEAST.get(parent, {}), key: [fields] if is_list else fields})


def one_field_changed():
    """Every field of the version with every value of its type, right and wrong, in turn."""
    for kind, known in STRUCTS.items():
        for key, field in known.items():
            if field.since <= VERSION and configuration(kind, {}) is not None:
                for value in _values(field.type):
                    yield configuration(kind, {**LEAST.get(kind, {}), key: value})


def _values(kind):
    inner = kind.strip("[]{}")
    single = RIGHT.get(inner, []) + WRONG.get(inner, [])
    if kind.startswith("["):
        return [*([value] for value in single), ["a", "a"], *ODD]
    if kind.startswith("{"):
        names = ("a", "1a", "é", "")
        return [*({name: value} for name, value in product(names, single)), *ODD]
    return [*single, *ODD]


def one_field_missing():
    """Every configuration that lacks one field that the loader asks for."""
    for kind, least in LEAST.items():
        for key in least:
            yield configuration(kind, {k: v for k, v in least.items() if k != key})


def two_fields_set():
    """Pairs of fields with right values: some may only stand alone, some never."""
    for kind, known in STRUCTS.items():
        keys = [k for k, f in known.items() if f.since <= VERSION and RIGHT.get(f.type)]
        for one, other in product(keys, keys):
            close = one.startswith(other) or kind in ("http_config", "sns", "tls_config")
            if one > other and close and configuration(kind, {}) is not None:
                pair = {key: RIGHT[known[key].type][0] for key in (one, other)}
                yield configuration(kind, {**LEAST.get(kind, {}), **pair})
