"""Where the slices of a memory view lie, empty ones too: C code looks at the address."""
import ctypes


def place(view):
    return ctypes.addressof((ctypes.c_char * 0).from_buffer(view))


owner = bytearray(8)
whole = memoryview(owner)
for bounds in ((1, 1), (1, 2), (5, 3), (8, 8), (20, 30), (-3, -3), (-30, 0), (None, 0)):
    part = whole[slice(*bounds)]
    print(bounds, len(part), place(part) - place(whole), bytes(part))
ints = whole.cast("i")
print([place(ints[i:i]) - place(whole) for i in range(3)], place(whole[2:][3:][1:1]) - place(whole))
for bounds in ((3, 3, -1), (0, 5, -2), (7, 0, -3), (5, 5, 2)):
    part = whole[slice(*bounds)]
    print(bounds, part.tolist(), part.strides, part.shape, part.contiguous)
