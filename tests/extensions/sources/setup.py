"""Extensions in C, Cython, C++ with pybind11, and out-of-line cffi, built by setuptools."""

from pybind11.setup_helpers import Pybind11Extension
from setuptools import Extension, setup

setup(
    name="built",
    version="1",
    py_modules=[],
    ext_modules=[
        Extension("built_c", ["plain.c"]),
        Extension("built_cython", ["counted.pyx"]),
        Pybind11Extension("built_pybind", ["shapes.cpp"]),
    ],
    cffi_modules=["build_cffi.py:ffi"],
)
