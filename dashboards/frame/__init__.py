"""What surrounds every page: the document, the navigation, the user menu."""
