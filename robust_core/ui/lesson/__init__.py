"""The parts of pages/teach/lesson.py.

role.py (who has the lecturer's desk in this session) → choosing.py (which lesson, and the button that starts a class) →
scene_view.py (title, question, bet) → reveal.py (the class beside the models) → desk_view.py (code, votes, lock,
reveal, next) → own_lesson.py (a lesson of saved states)
"""
