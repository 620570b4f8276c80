"""Makes trained networks smaller: pruning, clustering, quantisation-aware training, removal of channels."""
