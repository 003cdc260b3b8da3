"""For the programs use_NAME.py."""


def show(*fs):
    """What each gives, or which exception it raises, on a line."""
    for f in fs:
        try:
            print(f())
        except Exception as e:
            print(type(e).__name__, str(e))
