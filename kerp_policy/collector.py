"""When Python looks for cyclic garbage: seldom, since next to none is made.

To be imported before all else: what is imported are objects as well, which it would look through.
"""

from __future__ import annotations

import gc

_ALLOCATIONS = 1_000_000
"""How many new objects there are before cyclic garbage is looked for, some 100 MB of them: a small
project makes fewer, and so does one whose results are kept; of a large one nearly all that it makes
is needed, so looking often is in vain."""

gc.set_threshold(_ALLOCATIONS)
