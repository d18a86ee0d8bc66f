"""How much a result hangs on single studies, and on chance."""
