"""Shape or texture: how 1,000 answers become one of 16 categories."""
