"""The terminal interface, built with Textual."""

import os

# A key that comes just after a paint waits for the next one. At Textual's 60 a second that is up
# to 17 ms, a whole frame; what arrives in streams is paced where it is made. Textual reads this
# when it is imported.
os.environ.setdefault("TEXTUAL_FPS", "240")
