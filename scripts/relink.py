#!/usr/bin/env python3
"""usage: relink.py FILE LOADER LIBRARIES

Makes the 64-bit ELF program FILE start through the dynamic loader LOADER and take its shared
libraries from the folder LIBRARIES, in place. The oracle needs a newer libc than the machine's, and
its sys.executable has to work in subprocesses, where nobody passes --library-path.

Nothing moves: both strings go into the zero padding behind the code segment (it is mapped with it),
and DT_RPATH takes one of the unused entries at the end of the dynamic section. (patchelf moves
sections, and a non-PIE python3.14 does not survive it.)
"""

import struct
import sys

PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3
PF_X = 1
DT_NULL, DT_STRTAB, DT_RPATH, DT_RUNPATH = 0, 5, 15, 29
PAGE = 0x1000
PHDR = struct.Struct("<IIQQQQQQ")  # type flags offset vaddr paddr filesz memsz align
DYN = struct.Struct("<QQ")


def fail(message):
    sys.exit(f"relink: {message}")


def program_headers(image):
    if image[:5] != b"\x7fELF\x02" or image[18:20] != b"\x3e\x00":
        fail("not an x86-64 ELF file")
    (start,) = struct.unpack_from("<Q", image, 32)
    size, count = struct.unpack_from("<HH", image, 54)
    return [(start + i * size, PHDR.unpack_from(image, start + i * size)) for i in range(count)]


def place_strings(image, headers, strings):
    """Puts the strings into the code segment's padding; returns their (file offset, address)."""
    code = next((h for _, h in headers if h[0] == PT_LOAD and h[1] & PF_X), None)
    if code is None:
        fail("no code segment")
    _, _, offset, vaddr, _, filesz, _, _ = code
    at = (offset + filesz + 15) & ~15
    limit = min((offset + filesz + PAGE - 1) & ~(PAGE - 1), len(image))
    places = []
    for text in strings:
        data = text.encode() + b"\0"
        if at + len(data) > limit or any(image[at : at + len(data)]):
            fail("no room behind the code segment")
        image[at : at + len(data)] = data
        places.append((at, vaddr + at - offset))
        at += len(data)
    return places


def set_rpath(image, headers, address):
    _, dynamic = next((h for h in headers if h[1][0] == PT_DYNAMIC), (None, None))
    if dynamic is None:
        fail("not dynamically linked")
    strtab = slot = None
    entries = range(dynamic[2], dynamic[2] + dynamic[5], DYN.size)
    for at in entries:
        tag, value = DYN.unpack_from(image, at)
        if tag == DT_STRTAB:
            strtab = value
        elif tag in (DT_RPATH, DT_RUNPATH):
            slot = at
        elif tag == DT_NULL:
            # What replaces the first DT_NULL needs another one behind it.
            if slot is None and at + DYN.size in entries:
                slot = at
            break
    if strtab is None or slot is None:
        fail("no free entry in the dynamic section")
    DYN.pack_into(image, slot, DT_RPATH, (address - strtab) % 2**64)


def main():
    if len(sys.argv) != 4:
        fail(__doc__.split("\n")[0])
    path, loader, libraries = sys.argv[1:]
    with open(path, "rb") as file:
        image = bytearray(file.read())
    headers = program_headers(image)
    (loader_at, loader_address), (_, libraries_address) = place_strings(image, headers, [loader, libraries])
    for at, (kind, flags, *_rest, align) in headers:
        if kind == PT_INTERP:
            size = len(loader.encode()) + 1
            PHDR.pack_into(image, at, kind, flags, loader_at, loader_address, loader_address, size, size, align)
            break
    else:
        fail("no interpreter entry: not a program")
    set_rpath(image, headers, libraries_address)
    with open(path, "wb") as file:
        file.write(image)


main()
