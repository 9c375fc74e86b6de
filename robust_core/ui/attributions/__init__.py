"""The parts of pages/live/attributions.py.

map_controls.py (what is explained, and how) → map_jobs.py → map_grid.py (the maps) with map_lights.py (whether to
believe them) → map_export.py, sections.py (looking further)
views.py (maps or concepts); concept_controls.py → concepts.py → concept_figures.py, concept_cards.py
"""
