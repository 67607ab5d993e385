"""`python -m tvarr` is the `tvarr` command."""

from tvarr.cli import main

if __name__ == "__main__":
    main()
