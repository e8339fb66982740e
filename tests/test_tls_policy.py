import pytest

from kerp_policy.kubernetes.tls_policy import lowest_tls


@pytest.mark.parametrize(
    ("name", "lowest"),
    [
        ("TLS13-1-2-2021-06", "1.2"),
        ("TLS13-1-2-Res-2021-06", "1.2"),
        ("TLS13-1-2-Ext2-FIPS-PQ-2025-09", "1.2"),
        ("TLS13-1-3-2021-06", "1.3"),
        ("TLS13-1-3-FIPS-2023-04", "1.3"),
        ("TLS13-1-1-2021-06", "1.1"),
        ("TLS13-1-0-PQ-2025-09", "1.0"),
        ("TLS-1-2-2017-01", "1.2"),
        ("TLS-1-2-Ext-2018-06", "1.2"),
        ("TLS-1-1-2017-01", "1.1"),
        ("TLS-1-0-2015-04", "1.0"),
        ("FS-1-2-Res-2020-10", "1.2"),
        ("FS-1-1-2019-08", "1.1"),
        ("FS-2018-06", "1.0"),
        ("2016-08", "1.0"),
        ("2015-05", "1.0"),
        ("TLS13-1-2", None),
        ("TLS-1-3-2021-06", None),
        ("tls-1-2-2017-01", None),
        ("2031-01", None),
        ("TLS13-1-2-2021-06 ", None),
        ("TLS13-1-2" + "-A" * 10**5, None),
    ],
)
def test_the_lowest_version_counts(name, lowest):
    assert lowest_tls(f"ELBSecurityPolicy-{name}") == lowest


def test_a_name_of_no_load_balancer():
    assert lowest_tls("TLS13-1-2-2021-06") is None
