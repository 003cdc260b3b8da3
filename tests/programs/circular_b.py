import circular_a
late = 'late'
from circular_a import name
