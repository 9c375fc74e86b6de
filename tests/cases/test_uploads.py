"""A page that stays open while the server restarts: the next upload is shown, and what is gone is said; in a real
browser, with the lost file's name, in tests/e2e/test_uploads.py.
"""

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from tests.pages.test_uploads import live, names_of, one, opened, png

GONE, NEW = one("gone.png", png(0)), one("new.png", png(1))


def test_after_a_restart_the_new_upload_is_shown_and_the_lost_one_is_said(ready, monkeypatch):
    get_files = MemoryUploadedFileManager.get_files

    def without_the_lost(*arguments, **options):
        return [file for file in get_files(*arguments, **options) if file.name != GONE[0]]

    monkeypatch.setattr(MemoryUploadedFileManager, "get_files", without_the_lost)
    app = opened(world="ImageNet")
    app.file_uploader(key="uploader").set_value([GONE, NEW]).run()
    assert [error.value for error in app.error] == ["A file is no longer on the server; upload it again."]
    assert names_of(live(app)) == ["new.png"]
    assert not app.exception
