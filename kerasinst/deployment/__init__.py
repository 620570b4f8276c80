"""Using a trained model on audio."""
