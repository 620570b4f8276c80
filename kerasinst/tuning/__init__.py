"""Search spaces and the search itself."""
