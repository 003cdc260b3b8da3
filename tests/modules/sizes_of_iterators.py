# sys.getsizeof() of objects that keep something apart.
import itertools
import sys
from array import array

print([sys.getsizeof(x) for x in (
    array("i"), itertools.product("ab", repeat=3), itertools.combinations("abcd", 2),
    itertools.combinations_with_replacement("abcd", 3), itertools.permutations("abcd", 3), itertools.permutations("abcd", 0))])
print(sys.getsizeof(array("d", bytes(8000))) >= 8080, sys.getsizeof(array("d", bytes(8000))) < 10000)
