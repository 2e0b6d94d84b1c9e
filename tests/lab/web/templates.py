"""Templates compiled once for all applications of a test run; each would do it anew."""

from jinja2 import BytecodeCache


class Compiled(BytecodeCache):
    """Code by the template and the text that it was made from."""

    def __init__(self):
        self._codes = {}

    def load_bytecode(self, bucket):
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket):
        self._codes[bucket.key, bucket.checksum] = bucket.code
