"""`python -m deployments.demo`."""

import sys

from deployments.demo.demo import main

sys.exit(main())
