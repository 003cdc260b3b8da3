print('init pkg', __name__, __package__)
__all__ = ['shown', 'sub']
shown = 1
hidden = 2
_private = 3
