"""What the tests leave out where an optional library is missing."""

import importlib.util

# The rules of scipy.special are loaded only where SciPy is.
collect_ignore = [] if importlib.util.find_spec("scipy") else ["autograd/rules/special.py"]
# The plots' examples draw.
collect_ignore_glob = [] if importlib.util.find_spec("matplotlib") else ["nn/plots/*.py"]
