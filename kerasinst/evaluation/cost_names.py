"""Names the costs of a model that tables and plots show beside its accuracy."""

COSTS = {
    "bytes": "bytes of the file",
    "gzip_bytes": "bytes of the file, compressed by gzip",
    "nonzero_weights": "weights that are not zero",
    "parameters": "parameters",
    "sparsity": "share of weights that are zero",
    "milliseconds": "milliseconds a segment, on one thread",
    "peak_arena": "bytes of memory for tensors, at most",
    "seconds_to_train": "seconds to train",
}
"""Descriptions of costs, by their names in metrics.json and compression.csv."""
