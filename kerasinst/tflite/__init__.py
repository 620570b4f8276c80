"""Converts, joins, describes and measures TFLite files."""
