"""All checks with one command, ``python -m tests``: lint, format, types, contracts, tests."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
WORKERS = min(4, (os.cpu_count() or 1) + 1)
"""One more than there are cores: the tests of the interface wait for half of their time."""

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
    ("pytest", "-q", "-n", str(WORKERS), "--dist", "worksteal"),
)
ENVIRONMENT = {"OMP_WAIT_POLICY": "passive"}
"""PyTorch's threads of one test are not to spin beside those of another."""


def main() -> int:
    """Run every check, also after one has failed; the exit code is 0 only if all passed."""
    tools = Path(sys.executable).parent
    environment = os.environ | ENVIRONMENT
    failed = []
    for name, *arguments in CHECKS:
        print(f"== {name} {' '.join(arguments)}", flush=True)
        command = [tools / name, *arguments]
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0:
            failed.append(name)
    print(f"== {'failed: ' + ', '.join(failed) if failed else 'all checks passed'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
