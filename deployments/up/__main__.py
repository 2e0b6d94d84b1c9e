"""`python -m deployments.up`."""

import sys

from deployments.up.services import main

sys.exit(main())
