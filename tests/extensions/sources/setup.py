"""Extensions in C, Cython, C++ with pybind11, nanobind and SWIG, out-of-line cffi, and Python that mypyc compiles, built by
setuptools."""

import pathlib

import nanobind
from mypyc.build import mypycify
from pybind11.setup_helpers import Pybind11Extension
from setuptools import Extension, setup
from setuptools.command.build_py import build_py


class SwigFirst(build_py):
    """SWIG writes built_swig.py while the extensions are built."""

    def run(self):
        self.run_command("build_ext")
        super().run()


# Compiled once and run once: what the optimizer takes is not worth its time.
QUICK = ["-std=c++17", "-O0"]
nanobind_folder = pathlib.Path(nanobind.source_dir()).parent

setup(
    name="built",
    version="1",
    py_modules=["built_swig"],
    cmdclass={"build_py": SwigFirst},
    ext_modules=[
        Extension("built_c", ["plain.c"]),
        Extension("built_cython", ["counted.pyx"]),
        Extension("built_typed", ["typed.pyx"], language="c++", extra_compile_args=QUICK),
        Pybind11Extension("built_pybind", ["shapes.cpp"], extra_compile_args=["-O0"]),
        Extension(
            "built_nanobind",
            ["nested.cpp", str(nanobind_folder / "src/nb_combined.cpp")],
            include_dirs=[str(nanobind_folder / "include"), str(nanobind_folder / "ext/robin_map/include")],
            extra_compile_args=[*QUICK, "-fvisibility=hidden"],
        ),
        Extension("_built_swig", ["swigged.i"], include_dirs=["."], swig_opts=["-c++"], extra_compile_args=[*QUICK, "-w"]),
        *mypycify(["built_mypyc.py"], opt_level="0"),
    ],
    cffi_modules=["build_cffi.py:ffi"],
)
