"""Formats of any service: keys, signed tokens, headers, URLs and connection strings."""

from __future__ import annotations

from kerp_policy.regex import regex
from kerp_policy.secrets import validators
from kerp_policy.secrets.format import BEGINNING, REACH, UNBROKEN, Format, letters
from kerp_policy.secrets.logins import HEAD, HOST
from kerp_policy.secrets.logins import REACH as LOGIN_REACH

_KEY_HEADERS = r"(?:(?:Proc-Type|DEK-Info|Version|Comment):[^\n\\]{0,200}(?:\n|\\n)\s{0,40}){0,4}"
_PRIVATE = "[A-Za-z0-9+/]{0,60}(?:UFJJVkFURSBLRV|BSSVZBVEUgS0VZ|QUklWQVRFIEtFW)"
"""`PRIVATE KEY` in base64, from each of three places on; else long texts would be tried in vain."""

_KEYS = (
    Format(
        "private-key",
        "a private key",
        ("-----BEGIN ",),
        regex(
            r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:[#\s]|\\[nr])*+"
            rf"{_KEY_HEADERS}(?P<body>(?:[A-Za-z0-9+/=#]|\s|\\[nr])++)"
        ),
        validators.key_body,
    ),
    Format(
        "private-key",
        "a private key in base64",
        ("LS0tLS1CRUdJTi",),
        regex(rf"(?P<body>LS0tLS1CRUdJTi(?={_PRIVATE})[A-Za-z0-9+/]{{60,20000}}+={{0,2}})"),
        validators.encoded_key,
        BEGINNING,
        REACH,
    ),
    Format(
        "jwt",
        "a JSON Web Token",
        ("eyJ",),
        letters(
            r"(?P<prefix>)(?P<header>eyJ[\w-]{8,2000})\.(?P<claims>[\w-]{2,16000})\."
            rf"[\w-]{{16,2000}}{UNBROKEN}"
        ),
        validators.jwt,
        BEGINNING,
        REACH,
    ),
)

_AUTHORIZATION = Format(
    "authorization-header",
    "a credential in an Authorization header",
    ("uthorization", "UTHORIZATION"),
    letters(
        r"(?i:uthorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?"
        r"(?P<scheme>Bearer|Basic|Token|ApiKey|GenieKey|Splunk|SSWS))\s{1,3}"
        r"(?P<secret>[\w.~+/=-]{12,4000}+)(?![$%{<@])"
    ),
    validators.credential,
    head=regex(r"[Aa]\Z"),
    reach=1,
)

# A host follows: a name, an address, or what stands for one. What a password holds is not sure to
# be encoded: the last `@` before the path ends it (WHATWG URL Standard, authority state).
_HOST = r"(?!sha\d+:)(?:[\w\[$%{.<(-]|[\"'](?=\$))"
_PARAMETERS = r"(?:[A-Za-z_]{2,30}=[^\s=]{1,100}\s{1,2}){0,8}"

_CONNECTIONS = (
    Format(
        "url-password",
        "a password in a URL",
        ("://",),
        regex(
            r"(?P<prefix>://)(?P<user>[^\s/?#@:\"'<>\\]{0,128}):"
            rf"(?P<secret>[^\s/?#\"'<>\\]{{1,256}})@{_HOST}"
        ),
        validators.no_sample,
        head=regex(r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,29}\Z"),
        reach=31,
        head_is_public=True,
    ),
    Format(
        "url-password",
        "a password before a host",
        ("@",),
        HOST,
        validators.anything,
        head=HEAD,
        reach=LOGIN_REACH,
    ),
    Format(
        "connection-password",
        "a password in a connection string",
        ("assword=", "ASSWORD=", "wd=", "WD="),
        regex(r"(?i:assword|wd)=(?P<secret>[^\s&\"'`;,<>(){}\\]{3,256})"),
        validators.anything,
        head=regex(r"[?&;][Pp]\Z"),
        reach=2,
    ),
    Format(
        "connection-password",
        "a password in a connection string",  # of libpq: PostgreSQL documentation, 32.1.1
        ("assword=",),
        regex(r"assword='?(?P<secret>[^\s&\"'`;,<>(){}\\]{3,256})"),
        validators.no_word,
        head=regex(
            rf"(?<![A-Za-z_])(?:host|hostaddr|dbname|user)=[^\s=]{{1,100}}\s{{1,2}}{_PARAMETERS}p\Z"
        ),
        reach=400,
    ),
    Format(
        "connection-password",
        "a password in a connection string",  # of go-sql-driver/mysql: its README, "DSN"
        ("@tcp(", "@unix("),
        regex(r"@(?:tcp|unix)\("),
        validators.anything,
        head=regex(
            r"(?<![\w.-])(?!user(?:name)?:(?:password|pass|pwd)\Z)"
            r"[\w.-]{1,64}:(?P<secret>[^\s\"'`<>]{1,128})\Z"
        ),
        reach=194,
    ),
    Format(
        "connection-password",
        "a password in a connection string",  # of Oracle: JDBC Developer's Guide, "Data Sources"
        (":thin:",),
        regex(r":thin:(?P<user>[\w.$-]{1,64})/(?P<secret>[^\s@\"'`<>/]{1,128})@"),
        validators.no_sample,
    ),
)

STRUCTURES = (*_KEYS, _AUTHORIZATION, *_CONNECTIONS)
