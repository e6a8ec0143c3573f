"""``python -m autograd check notes.txt``: see ``autograd.derivation.command``."""

import sys

from autograd.derivation.command import main

if __name__ == "__main__":
    sys.exit(main())
