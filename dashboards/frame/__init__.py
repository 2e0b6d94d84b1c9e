"""The frame of every page: the document, the navigation, the user menu."""
