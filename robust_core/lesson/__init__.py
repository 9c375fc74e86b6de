"""A lesson for a class: bet first, then the evidence. Read bets, scenes, lesson_file, votes, answers, classroom,
classrooms, student_view, shown_images, then found, evidence, class_shape_bias, handouts, in this order.

bets.py         what can be bet on, as records: a choice, a number, a place on an image, a word, stimuli seen briefly
scenes.py       a scene is a state of a page with a question, a bet and a reveal; a lesson is a list of them
lesson_file.py  lessons as TOML: read with the line and the field of what is wrong, and written; is_it_robust.toml is
                the one that is shipped
votes.py        the votes of one scene, and what they come to
answers.py      what stands beside the bets at the reveal: numbers of models and people
scene_images.py images that a scene shows, before the bet or with the reveal
classroom.py    one class in memory: seats, votes, the scene that is on, and the desk that only the lecturer has
classrooms.py   all classes of this process, by their codes
student_view.py what one student sees, as plain values
shown_images.py what phones ask for, stimuli and images, as files
found.py        what a request came to, recorded or computed now, and answers made of it or of published rows
evidence.py     the answers of each scene as a table, with what they need, and how all of it is prepared; made by
                evidence_photos.py, evidence_attacks.py, evidence_cues.py and evidence_maps.py
class_shape_bias.py  the class against networks on cue conflicts: shape bias, coverage, error consistency
handouts.py     worksheet and solution sheet to print, and the minute at which each scene begins

Everything of a class lives in memory and is gone when it ends.
"""
