"""A scene is a state of a page with a question, a bet and a reveal; a lesson is a list of scenes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from robust_core.checks import whole
from robust_core.errors import BadInput
from robust_core.lesson.bets import Bet

MOST_SCENES, MOST_MINUTES = 60, 180
LONGEST_TEXT, LONGEST_KEY, MOST_PARAMETERS = 600, 40, 60
State = Mapping[str, tuple[str, ...]]  # parameters of a link, each with its values


@dataclass(frozen=True)
class Scene:
    """One scene.

    page, state    the page that it is about, as in its address, and the parameters of its link
    question, bet  what the class bets on before it sees
    evidence       key of what the models answer, a row of `evidence.EVIDENCE`; "" for a scene that shows its page alone
    published      what is quoted with its source at the reveal, a sentence each
    stays          the one sentence that stays
    misconception  at which the scene is aimed; "" for none
    notes          for the lecturer's eyes alone

    Raises BadInput for a key, page or question that is empty, a text that is too long, or minutes from outside 1 to
    180.
    """

    key: str
    title: str
    minutes: int
    page: str
    question: str
    bet: Bet
    state: State = field(default_factory=dict)
    evidence: str = ""
    published: tuple[str, ...] = ()
    stays: str = ""
    misconception: str = ""
    notes: str = ""

    def __post_init__(self) -> None:
        for name in ("key", "title", "page", "question"):
            if not getattr(self, name).strip():
                raise BadInput(f"{name} must say something.")
        if len(self.key) > LONGEST_KEY or not self.key.replace("_", "").replace("-", "").isalnum():
            raise BadInput(
                f"key must be up to {LONGEST_KEY} letters, digits, hyphens and underscores; got {self.key!r:.60}."
            )
        for name in ("title", "question", "stays", "misconception", "notes"):
            if len(getattr(self, name)) > LONGEST_TEXT:
                raise BadInput(f"{name} must have at most {LONGEST_TEXT} characters; got {len(getattr(self, name)):,}.")
        for text in self.published:
            if len(text) > LONGEST_TEXT:
                raise BadInput(
                    f"What is quoted in published must have at most {LONGEST_TEXT} characters; got {len(text):,}."
                )
        whole("minutes", self.minutes, 1, MOST_MINUTES)
        if len(self.state) > MOST_PARAMETERS:
            raise BadInput(f"A state has at most {MOST_PARAMETERS} parameters; got {len(self.state):,}.")


@dataclass(frozen=True)
class Lesson:
    """Scenes in their order, under a `title`. Raises BadInput for none, too many, or two of one key."""

    title: str
    scenes: tuple[Scene, ...]
    about: str = ""

    def __post_init__(self) -> None:
        if not self.title.strip() or len(self.title) > LONGEST_TEXT or len(self.about) > LONGEST_TEXT:
            raise BadInput(f"A lesson has a title; that and what it is about have at most {LONGEST_TEXT} characters.")
        if not 0 < len(self.scenes) <= MOST_SCENES:
            raise BadInput(f"A lesson has 1 to {MOST_SCENES} scenes; got {len(self.scenes):,}.")
        keys = [scene.key for scene in self.scenes]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise BadInput(f"Two scenes have the key {twice!r}; expected each once.")

    @property
    def minutes(self) -> int:
        """How long all scenes take."""
        return sum(scene.minutes for scene in self.scenes)

    def scene(self, key: str) -> Scene:
        """The scene called `key`; raises BadInput where there is none."""
        found = next((scene for scene in self.scenes if scene.key == key), None)
        if found is None:
            raise BadInput(f"This lesson has no scene {key!r:.60}.")
        return found
