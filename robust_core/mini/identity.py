"""Which world this is: a name that weights, measurements and stored runs carry, and what stands behind it.

It must change with the images, deliberately: a test holds GOLDEN_DIGEST to the scene configurations and the golden
images (`golden_images.py`), and another those images to what is drawn.
"""

WORLD = "a7d29811ca2c7f24"  # once a hash of the drawing source, now a name like any other
GOLDEN_DIGEST = "ab7fa68dd5a41add71d01b317b6359993932f0a222bee976e056cec731ff11df"
