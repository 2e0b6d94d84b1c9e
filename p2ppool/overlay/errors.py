"""The errors between the manager and its gateway, in four kinds."""

from p2ppool.errors import UserError, one_line


class GatewayError(UserError):
    """A call through the local node's XML-RPC gateway gave no usable answer."""


class GatewayUnreachableError(GatewayError):
    """No connection, or it broke: the local node is not running, is restarting, or listens elsewhere."""


class GatewayTimeoutError(GatewayError):
    """The gateway accepted the call but did not answer in time, as happens for a dead node."""


class GatewayMalformedError(GatewayError):
    """The answer is not XML-RPC of the expected shape and size."""


class GatewayFaultError(GatewayError):
    """The gateway or a node answered with an XML-RPC fault.

    Attributes:
        code: the fault's number; None if the sender gave no number.
    """

    def __init__(self, code: object, text: object) -> None:
        self.code = code if isinstance(code, int) else None
        reason = one_line(text, 200) if isinstance(text, str) else "no reason given"
        super().__init__(f"fault {self.code}: {reason}")
