"""`python -m deployments.dispatcher`."""

from deployments.dispatcher.service import main

main()
