from .. import shown
from . import leaf
value = shown + leaf.N
