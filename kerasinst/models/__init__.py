"""Models that take audio and give labels: the Keras model, the TFLite model and the tagger over both."""
