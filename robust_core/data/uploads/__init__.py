"""What visitors bring: files and .zip archives become images in memory, some with a label, and a note about everything
else.

class_folders.py    which class a folder of an archive names
archive_members.py  the members of a .zip, trusting nothing that it says about itself
memory.py           the images of one session, bounded for the session and for the process
reading.py          what drives them: a generator for a worker
own_classes.py      an archive with a folder for each class of the visitor's own

Nothing here is written to disk, and nothing here knows Streamlit or PyTorch.
"""

from robust_core.data.uploads.archive_members import File
from robust_core.data.uploads.memory import MAX_SESSION_BYTES, Held
from robust_core.data.uploads.own_classes import OwnClasses, read_own_classes
from robust_core.data.uploads.reading import MAX_IMAGES, Note, Taken, read

__all__ = ["MAX_IMAGES", "MAX_SESSION_BYTES", "File", "Held", "Note", "OwnClasses", "Taken", "read", "read_own_classes"]
