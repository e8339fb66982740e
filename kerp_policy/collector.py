"""When Python looks for cyclic garbage: seldom, since next to none is made.

To be imported before all else: what is imported are objects as well, which it would look through.
"""

from __future__ import annotations

import gc

_ALLOCATIONS = 200_000
"""How many new objects there are before cyclic garbage is looked for: a run of a small project
makes fewer, and one of a large one keeps nearly all that it makes, so looking often is in vain."""

gc.set_threshold(_ALLOCATIONS)
