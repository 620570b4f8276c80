"""Searches the values of an experiment's keys that train best, with keras-tuner."""
