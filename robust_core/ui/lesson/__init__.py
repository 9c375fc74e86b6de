"""The parts of pages/teach/lesson.py.

role.py (who has the lecturer's desk in this session) → choosing.py (which lesson, and the button that starts a class) →
own_lesson.py (scenes of one's own) with bet_form.py → handing_out.py → preparing.py (what models answer, ahead) →
scene_view.py (title, question, bet) → reveal.py (the class beside the models) with reveal_curves.py and class_bias.py →
desk_view.py (code, votes, lock, reveal, next)
"""
