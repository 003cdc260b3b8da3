N = 41
from .. import hidden as up
