"""All formats of tokens that are looked for."""

from kerp_policy.secrets.prefixed import PREFIXED
from kerp_policy.secrets.services import SERVICES
from kerp_policy.secrets.structures import STRUCTURES

FORMATS = (*PREFIXED, *SERVICES, *STRUCTURES)
