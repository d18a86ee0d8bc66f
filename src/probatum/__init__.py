"""Probatum: a systematic review as plain text, pooled and published with its provenance.

The public names stand in ``__init__.pyi`` and are imported when they are first used, so that a
command or a script loads only what it needs.
"""

import lazy_loader

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
