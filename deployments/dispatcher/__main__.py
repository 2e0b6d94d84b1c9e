"""`python -m deployments.dispatcher`."""

from deployments.dispatcher.dispatcher import main

main()
