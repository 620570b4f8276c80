"""From a data set to features: segments, extraction and arrays that stay on disk."""
