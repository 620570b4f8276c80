"""Trains networks: losses, augmentations, checkpoints and the fit itself."""
