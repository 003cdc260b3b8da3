import circular_b
from circular_b import late
name = 'a'
