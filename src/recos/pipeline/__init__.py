"""The pipeline: recipes (which steps, in which order), running one exposure, running an association."""
