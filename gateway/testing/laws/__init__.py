"""The laws, as classes to inherit: a plugin's tests are a subclass that says what is tested."""

from gateway.testing.laws.backends import BackendLaws
from gateway.testing.laws.bad_input import BadInputLaws
from gateway.testing.laws.errors import ErrorLaws
from gateway.testing.laws.guard import Laws
from gateway.testing.laws.replies import ReplyLaws
from gateway.testing.laws.requests import RequestLaws
from gateway.testing.laws.rules import RuleLaws

__all__ = [
    "BackendLaws",
    "BadInputLaws",
    "DialectLaws",
    "ErrorLaws",
    "Laws",
    "ReplyLaws",
    "RequestLaws",
    "RuleLaws",
]


class DialectLaws(RequestLaws, ReplyLaws, BadInputLaws, ErrorLaws):
    """Every law of a dialect with both faces."""
