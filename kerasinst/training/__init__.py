"""From segments to a trained network: cached features, augmentation and the fit."""
