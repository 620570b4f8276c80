"""Makes the tables of reports."""
