"""A short lesson with every kind of bet, for tests."""

from robust_core.lesson.bets import Choice, Number, Place, Stimuli, Word
from robust_core.lesson.scenes import Lesson, Scene


def scene(key, bet, **more):
    return Scene(key, key.title(), 5, "what_if", f"What about {key}?", bet, **more)


FOG = scene("fog", Choice(("sooner", "later", "never"), (1,)), state={"world": ("Mini",), "images": ("a", "b")})
LEFT = scene("left", Number(0, 100, 5, "%", 40, 10), published=("29.7–40.7% (Orhan 2019)",))
WHERE = scene("where", Place("mini/test/3", (0.25, 0.25, 0.75, 0.75)))
CUES = scene("cues", Stimuli(2, shown_ms=300))
WORD = scene("word", Word(), stays="A number without its protocol is a rumour.")
LESSON = Lesson("Is it robust?", (FOG, LEFT, WHERE, CUES, WORD), about="For tests.")
