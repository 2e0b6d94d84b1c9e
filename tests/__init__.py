"""A package, as are those of its folders whose fixtures end with their last test: else pytest keeps them."""
