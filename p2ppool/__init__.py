"""P2PPool Manager: pools of P2P overlay nodes on many Linux hosts."""

__version__ = "0.1.0"
