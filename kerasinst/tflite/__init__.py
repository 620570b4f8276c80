"""TFLite files: converted, joined, described and measured."""
