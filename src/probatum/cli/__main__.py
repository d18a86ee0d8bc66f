"""``python -m probatum.cli`` is the same as ``probatum``."""

from probatum.cli.main import main

raise SystemExit(main())
