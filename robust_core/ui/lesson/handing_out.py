"""What is handed out: worksheet, solutions and the lesson itself, each as one file."""

import streamlit as st

from robust_core.lesson import handouts, lesson_file
from robust_core.lesson.scenes import Lesson
from robust_core.ui import sharing
from robust_core.ui.lesson import preparing

HTML = "text/html"


def show(lesson: Lesson) -> None:
    """The buttons. The solutions have the models' answers as far as they have been prepared."""
    job, address = preparing.start(lesson), sharing.app_address()  # asked for here: files are made on another thread
    with st.container(horizontal=True):
        st.download_button(
            "Worksheet",
            lambda: handouts.worksheet(lesson),
            "worksheet.html",
            HTML,
            icon=":material/edit_note:",
            on_click="ignore",
        )
        st.download_button(
            "Solutions",
            lambda: handouts.solution_sheet(lesson, preparing.answers_of(job), address),
            "solutions.html",
            HTML,
            icon=":material/fact_check:",
            on_click="ignore",
        )
        st.download_button(
            "Lesson as TOML",
            lambda: lesson_file.written(lesson),
            "lesson.toml",
            "application/toml",
            icon=":material/download:",
            on_click="ignore",
        )
    preparing.show(lesson)
