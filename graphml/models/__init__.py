"""Score accounts; each module here has one `SCORER`, found by its name.

Torch and its linear algebra are told, before they are loaded, to use no instructions that only some processors have: a
network then gets the same weights, to the bit, wherever it is trained on a CPU. Who sets these variables decides.
"""

import os

os.environ.setdefault("ATEN_CPU_CAPABILITY", "default")
os.environ.setdefault("MKL_CBWR", "COMPATIBLE")
