"""Start the command line with ``python -m vnsearch``."""

from vnsearch.cli import main

raise SystemExit(main())
