"""Server-rendered forms in the frame of the other pages."""
