"""recos."""
