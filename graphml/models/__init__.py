"""Score accounts; each module here has one `SCORER`, found by its name.

Torch and its linear algebra (MKL) are told, before they are loaded, to use no instructions that only some processors have:
a network then gets the same weights, to the bit, whichever CPU trains it (docs/adr/0026). Values already set are kept.
"""

import os

os.environ.setdefault("ATEN_CPU_CAPABILITY", "default")
os.environ.setdefault("MKL_CBWR", "COMPATIBLE")
