"""Writes what describes an installation beside its library, for tools that look before they start it.

usage: krait scripts/describe.py FOLDER

FOLDER is lib/krait3.14 of an installation, or what stands for it in a source tree. Two files: build-details.json (PEP 739,
under CPython's name for it), whose paths are relative so that the tree may be moved, and a Makefile with the variables of
sysconfig, where sysconfig.get_makefile_filename() says that it is.
"""

import importlib.machinery
import json
import os
import sys
import sysconfig


def version(v):
    return {"major": v.major, "minor": v.minor, "micro": v.micro, "releaselevel": v.releaselevel, "serial": v.serial}


def details(folder):
    implementation = {k: v for k, v in vars(sys.implementation).items() if isinstance(v, (str, int))}
    implementation["version"] = version(sys.implementation.version)
    result = {
        "schema_version": "1.0",
        "base_prefix": os.path.relpath(sys.prefix, folder),  # all other paths are relative to it
        "base_interpreter": os.path.relpath(os.path.realpath(sys.executable), sys.prefix),
        "platform": sysconfig.get_platform(),
        "language": {"version": sysconfig.get_python_version(), "version_info": version(sys.version_info)},
        "implementation": implementation,
        "abi": {"flags": list(sys.abiflags)},
        "suffixes": {
            "source": importlib.machinery.SOURCE_SUFFIXES,
            "bytecode": importlib.machinery.BYTECODE_SUFFIXES,
            "extensions": importlib.machinery.EXTENSION_SUFFIXES,
        },
        "c_api": {"headers": "include/python3.14", "pkgconfig_path": "lib/pkgconfig"},
    }
    if os.path.exists(os.path.join(sys.prefix, "lib/libkrait.a")):
        result["libpython"] = {"static": "lib/libkrait.a"}
    return result


def main(folder):
    folder = os.path.realpath(folder)
    name = f"build-details.{sys.abiflags}.{sys.implementation._multiarch}.json"
    config = os.path.join(folder, os.path.basename(os.path.dirname(sysconfig.get_makefile_filename())))
    os.makedirs(config, exist_ok=True)
    with open(os.path.join(folder, name), "w") as file:
        json.dump(details(folder), file, indent=2)
        file.write("\n")
    with open(os.path.join(config, "Makefile"), "w") as file:
        file.write("# The variables of sysconfig.get_config_vars(), for tools that read this file instead.\n")
        for key, value in sorted(sysconfig.get_config_vars().items()):
            text = str(value)
            if "\n" not in text:
                file.write(f"{key}=\t{text}\n")


main(sys.argv[1])
