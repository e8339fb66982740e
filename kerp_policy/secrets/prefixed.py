"""Formats of a public prefix and a body, as a table.

Columns, two blanks or more apart: id, what it is, prefixes, body, what else holds of it.
Sources: the vendors' pages on their token formats, GitHub's list of secret scanning patterns.
"""

from __future__ import annotations

import re

from kerp_policy.secrets import validators
from kerp_policy.secrets.format import BEGINNING, REACH, Format, letters
from kerp_policy.secrets.validators import Accepts

_TABLE = r"""
aws-access-key        an AWS access key id       AKIA ASIA ABIA ACCA  [A-Z2-7]{16}  access_key
github-token          a GitHub token             ghp_ gho_ ghu_ ghs_ ghr_  [A-Za-z0-9]{36}  crc32
github-token          a GitHub token             github_pat_  [A-Za-z0-9]{22}_[A-Za-z0-9]{59}
gitlab-token          a GitLab token             glpat- gldt- glrt- glsoat- glft- glffct-  (?:t\d_)?[\w-]{20}  both_cases
gitlab-token          a GitLab token             glpat- glrt-  [\w-]{27,300}\.[0-9a-z]{2}\.?[0-9a-z]{7,9}  both_cases
gitlab-token          a GitLab mail token        glimt-  [\w-]{25}  both_cases
gitlab-token          a GitLab agent token       glagent-  [\w-]{50}  both_cases
gitlab-token          a GitLab application secret  gloas-  [0-9a-f]{64}
gitlab-token          a GitLab trigger token     glptt-  [0-9a-f]{40}
gitlab-token          a GitLab job token         glcbt-  [0-9a-zA-Z]{1,5}_[\w-]{20}  both_cases
slack-token           a Slack token              xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs-  \d{1,14}-[A-Za-z0-9-]{20,250}
slack-token           a Slack app token          xapp-  \d-[A-Z0-9]{6,20}-\d{6,20}-[a-z0-9]{32,80}
google-api-key        a Google API key           AIza  [\w-]{35}
google-client-secret  a Google OAuth client secret  GOCSPX-  [\w-]{28}
age-key               an age secret key          AGE-SECRET-KEY-1  [0-9A-Z]{58}
npm-token             an npm token               npm_  [A-Za-z0-9]{36}  crc32
pypi-token            a PyPI token               pypi-AgEIcHlwaS5vcmc  [\w-]{50,1000}
rubygems-token        a RubyGems token           rubygems_  [a-f0-9]{48}
nuget-key             a NuGet API key            oy2  [a-z0-9]{43}
docker-hub-token      a Docker Hub token         dckr_pat_  [\w-]{27}
docker-hub-token      a Docker Hub token         dckr_oat_  [\w-]{32}
stripe-key            a Stripe key               sk_live_ sk_test_ rk_live_ rk_test_  [A-Za-z0-9]{20,250}
stripe-webhook        a Stripe webhook secret    whsec_  [A-Za-z0-9+/]{32,64}
sendgrid-key          a SendGrid key             SG.  [\w-]{22}\.[\w-]{43}
twilio-key            a Twilio API key           SK  [0-9a-f]{32}
mailgun-key           a Mailgun key              key-  [0-9a-f]{32}  alone
openai-key            an OpenAI key              sk-  [\w-]{20,130}T3BlbkFJ[\w-]{20,130}
anthropic-key         an Anthropic key           sk-ant-  (?:api|admin|oat)\d\d-[\w-]{80,110}AA
hugging-face-token    a Hugging Face token       hf_  [A-Za-z]{34}  both_cases
groq-key              a Groq key                 gsk_  [A-Za-z0-9]{52}
perplexity-key        a Perplexity key           pplx-  [A-Za-z0-9]{48}
vault-token           a Vault token              hvs. hvb. hvr.  [\w-]{24,300}  both_cases
digitalocean-token    a DigitalOcean token       dop_v1_ doo_v1_ dor_v1_  [a-f0-9]{64}
databricks-token      a Databricks token         dapi  [a-f0-9]{32}(?:-\d)?
grafana-token         a Grafana service account token  glsa_  [A-Za-z0-9]{32}_[a-f0-9]{8}
grafana-token         a Grafana Cloud token      glc_  eyJ[A-Za-z0-9+/]{60,400}={0,2}
tailscale-key         a Tailscale key            tskey-auth- tskey-api- tskey-client-  [A-Za-z0-9]{8,24}-[A-Za-z0-9]{20,48}
atlassian-token       an Atlassian token         ATATT3xFfGF0  [\w-]{150,220}=[0-9A-F]{8}
pulumi-token          a Pulumi token             pul-  [a-f0-9]{40}
doppler-token         a Doppler token            dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.  (?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}
cloudflare-key        a Cloudflare origin CA key  v1.0-  [a-f0-9]{24}-[a-f0-9]{146}
fly-token             a Fly.io token             fm2_  [A-Za-z0-9+/]{100,2000}={0,3}
1password-token       a 1Password service account token  ops_  eyJ[A-Za-z0-9+/=_-]{250,3000}
sentry-token          a Sentry token             sntrys_  eyJ[A-Za-z0-9+/=_]{80,600}
sentry-token          a Sentry token             sntryu_  [a-f0-9]{64}
shopify-token         a Shopify token            shpat_ shpca_ shppa_ shpss_  [a-fA-F0-9]{32}
new-relic-key         a New Relic key            NRAK-  [A-Z0-9]{27}
sonar-token           a SonarQube token          squ_ sqp_ sqa_  [a-f0-9]{40}
dynatrace-token       a Dynatrace token          dt0c01. dt0s01.  [A-Z0-9]{24}\.[A-Z0-9]{64}
buildkite-token       a Buildkite token          bkua_  [a-f0-9]{40}
circleci-token        a CircleCI token           CCIPAT_ CCIPRJ_  [A-Za-z0-9]{22}_[a-f0-9]{40}
heroku-key            a Heroku API key           HRKU-AA  [\w-]{58}
linear-key            a Linear API key           lin_api_  [A-Za-z0-9]{40}
planetscale-token     a PlanetScale password     pscale_pw_ pscale_tkn_ pscale_oauth_  [\w.-]{32,64}  both_cases
postman-key           a Postman API key          PMAK-  [a-f0-9]{24}-[a-f0-9]{34}
replicate-token       a Replicate token          r8_  [A-Za-z0-9]{37}  both_cases
supabase-token        a Supabase token           sbp_  [a-f0-9]{40}
figma-token           a Figma token              figd_  [\w-]{40}  both_cases
xai-key               an xAI key                 xai-  [A-Za-z0-9]{80}
"""  # noqa: E501 - a row is a row


def _prefixed(row: str) -> Format:
    """The format of one row of the table: a word of its own."""
    kind, title, prefixes, body, *accepts = re.split(r"\s{2,}", row)
    keywords = tuple(prefixes.split())
    choice = "|".join(re.escape(keyword) for keyword in keywords)
    pattern = letters(rf"(?P<prefix>{choice})(?P<body>{body}){_end(body)}")
    accept: Accepts = getattr(validators, *accepts) if accepts else validators.varied
    return Format(kind, title, keywords, pattern, accept, BEGINNING, REACH)


def _end(body: str) -> str:
    """No character follows that the last ones of a token are taken from, but a hyphen."""
    last = re.findall(r"\[[^]]+\]", body)[-1]
    others = "_" if r"\w" in last else "+/=" if "+/" in last else ""
    return rf"(?![A-Za-z0-9{others}])"


PREFIXED = tuple(map(_prefixed, _TABLE.strip().splitlines()))
