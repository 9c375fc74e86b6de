"""The parts of pages/start/story.py.

hero.py (the first predictions), orhan_claims.py (the table of claims), cards.py (how a claim looks)
"""
