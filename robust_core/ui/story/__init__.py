"""The parts of pages/start/story.py.

hero.py (a photo under attack), orhan_claims.py (the table of claims), cards.py (how a claim looks), insets.py (the same
in Mini)
"""
