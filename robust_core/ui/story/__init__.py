"""The parts of pages/start/story.py: claims.py (the table), cards.py (how a claim looks), charts.py."""
