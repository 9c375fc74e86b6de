"""A page that stays open while the server restarts: new uploads are shown, and what is gone is said."""

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from tests.pages.opening import all_words
from tests.pages.test_uploads import bring, live, names_of, one, opened, png

GONE, SECOND, THIRD = (one(name, png(seed)) for seed, name in enumerate(("gone.png", "second.png", "third.png")))
SENTENCE = "gone.png is no longer on the server; upload it again."


def lose_the_first(monkeypatch) -> None:
    """The browser goes on listing the file that the server of before had."""
    get_files = MemoryUploadedFileManager.get_files
    monkeypatch.setattr(
        MemoryUploadedFileManager,
        "get_files",
        lambda self, *args, **kwargs: [file for file in get_files(self, *args, **kwargs) if file.name != GONE[0]],
    )


def test_after_a_restart_every_new_upload_is_shown_and_the_lost_one_is_named(ready, monkeypatch):
    lose_the_first(monkeypatch)
    app = opened(world="ImageNet")
    for files, shown in (((GONE, SECOND), ["second.png"]), ((GONE, SECOND, THIRD), ["second.png", "third.png"])):
        live(bring(app, *files))
        assert not app.exception
        assert names_of(app) == shown
        assert SENTENCE in all_words(app)
