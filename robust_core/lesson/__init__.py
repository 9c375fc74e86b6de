"""A lesson for a class: bet first, then the evidence. Read bets, scenes, lesson_file, votes, answers,
classroom, classrooms, student_view, in this order.

bets.py         what can be bet on, as records: a choice, a number, a place on an image, a word, stimuli seen briefly
scenes.py       a scene is a state of a page with a question, a bet and a reveal; a lesson is a list of them
lesson_file.py  lessons as TOML: read with the line and the field of what is wrong, and written
votes.py        the votes of one scene, and what they come to
answers.py      what stands beside the bets at the reveal: numbers of models and people
classroom.py    one class in memory: seats, votes, the scene that is on, and the desk that only the lecturer has
classrooms.py   all classes of this process, by their codes
student_view.py what one student sees, as plain values

Everything of a class lives in memory and is gone when it ends.
"""
