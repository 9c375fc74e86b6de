"""The parts of pages/teach/lesson.py.

role.py (who has the lecturer's desk in this session) → choosing.py (which lesson, and the button that starts a class) →
own_lesson.py (a lesson of saved states) → handing_out.py → preparing.py (what models answer, ahead) → scene_view.py
(title, question, bet) → reveal.py (the class beside the models) with class_bias.py → desk_view.py (code, votes, lock,
reveal, next)
"""
