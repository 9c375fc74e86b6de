"""The parts of pages/live/what_if.py: whole_set.py (predictions for many images), sweeps.py (one image under many
conditions; moved_object.py with its edit_controls.py, object_box.py, edited_views.py and edit_curves.py),
set_sections.py (calibration in reliability.py, unknown_images.py, edited_objects.py with set_boxes.py; all end in a
result_table.py); place_map.py: where an object is lost.
"""
