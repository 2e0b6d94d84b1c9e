"""scripts/screenshots starts: it imports from all rooms, and no other check reads files without a suffix."""

import subprocess
import sys
from pathlib import Path


def test_it_says_what_it_does():
    script = Path(__file__).parents[2] / "scripts/screenshots"
    done = subprocess.run([sys.executable, script, "--help"], capture_output=True, text=True, check=True)
    assert "docs/images" in done.stdout
