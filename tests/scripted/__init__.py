"""A scripted upstream: five wire formats on one loopback port, saying what a test asked for.

`with Scripted() as upstream:` starts it in a thread of this process; `upstream.url` is its base
address without a version, and `upstream.requests` everything that reached it, each request checked
against the official SDK's own request types. `python -m tests.scripted` runs it as a process.
"""

from tests.scripted.answer import Answer, Ask, Call, Usage
from tests.scripted.record import Seen
from tests.scripted.script import Script
from tests.scripted.server import Scripted
from tests.scripted.text_only import TextOnly

__all__ = ["Answer", "Ask", "Call", "Script", "Scripted", "Seen", "TextOnly", "Usage"]
