"""What the commands of the documents need beside them, and what must come of them, by test name.

A block named here must stand in a document, or the test fails; a block in a document that is not
named here only has to end by itself with exit code 0.
"""

from dataclasses import dataclass
from typing import Callable, Optional


@dataclass
class Hook:
    # Puts files into the folder before the command starts: prepare(folder).
    prepare: Optional[Callable] = None
    # Starts what feeds it, once it runs: feed(folder) returns Process objects. It may wait for a port.
    feed: Optional[Callable] = None
    # Ctrl-C comes so many seconds after the feeders started; None: it ends by itself.
    interrupt_after: Optional[float] = None
    # Looks at what it wrote: check(folder, output) raises AssertionError.
    check: Optional[Callable] = None


HOOKS = {}
