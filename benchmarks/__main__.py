"""`python -m benchmarks [NAME …]`: what the README claims, measured beside a peer in one run."""

import importlib
import sys
from pathlib import Path


def main(names: list[str]) -> None:
    known = sorted(file.stem for file in Path(__file__).parent.glob("[a-z]*.py"))
    unknown = sorted(set(names) - set(known))
    if unknown:
        sys.exit(f"no benchmark {', '.join(unknown)}; there is {', '.join(known)}")
    for name in names or known:
        print(f"== {name}")
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
