"""Where on earth an address is: what is known of it, from the surest source to the coarsest."""
