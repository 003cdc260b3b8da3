// What -h and its relatives print.
#include <cstdio>

#include "cli/command_line.h"

namespace krait {
namespace {

const char* const usage_text =
    "usage: %s [option] ... [-c cmd | -m mod | file | -] [arg] ...\n"
    "Options (and corresponding environment variables):\n"
    "-b     : warn about str(bytes), bytes compared with str; -bb: make it an error\n"
    "-B     : write no .pyc files on import; also PYTHONDONTWRITEBYTECODE=x\n"
    "-c cmd : run the given program text; ends the options\n"
    "-d     : parser debugging, of debug builds only; also PYTHONDEBUG=x\n"
    "-E     : ignore PYTHON* environment variables\n"
    "-h     : show this (also -? or --help)\n"
    "-i     : go interactive after the program; also PYTHONINSPECT=x\n"
    "-I     : isolate from the user's environment (implies -E, -P and -s)\n"
    "-m mod : run a library module as a program; ends the options\n"
    "-O     : drop assertions and __debug__ code; also PYTHONOPTIMIZE=x\n"
    "-OO    : the same, and docstrings\n"
    "-P     : put no unsafe path first into sys.path; also PYTHONSAFEPATH=x\n"
    "-q     : no version and copyright at an interactive start\n"
    "-s     : no user site folder in sys.path; also PYTHONNOUSERSITE=x\n"
    "-S     : do not import site\n"
    "-u     : unbuffered stdout and stderr; also PYTHONUNBUFFERED=x\n"
    "-v     : tell of imports; more often for more; also PYTHONVERBOSE=x\n"
    "-V     : show the version (also --version); -VV: more\n"
    "-W arg : warning control, action:message:category:module:lineno; also\n"
    "         PYTHONWARNINGS=arg\n"
    "-x     : skip the first line of the source\n"
    "-X opt : an option of the implementation; --help-xoptions lists them\n"
    "--check-hash-based-pycs always|default|never:\n"
    "         how hash-based .pyc files are validated\n"
    "--help-env: the environment variables\n"
    "--help-xoptions: the options of the implementation\n"
    "--help-all: all of this\n"
    "\n"
    "Arguments:\n"
    "file   : program read from a file\n"
    "-      : program read from standard input (default; interactive at a terminal)\n"
    "arg ...: arguments in sys.argv[1:]\n";

const char* const env_text =
    "Environment variables that change what the program does:\n"
    "PYTHONASYNCIODEBUG: debug mode of asyncio\n"
    "PYTHON_BASIC_REPL: the plain prompt instead of the editing one\n"
    "PYTHONBREAKPOINT: what breakpoint() calls; 0: nothing\n"
    "PYTHONCASEOK: has no effect on this system\n"
    "PYTHONCOERCECLOCALE: 0: leave the C locale alone; warn: tell of it\n"
    "PYTHON_COLORS: 1: colours always, 0: never\n"
    "PYTHONHASHSEED: seed of the hashes of str and bytes: 'random', or a number\n"
    "                from 0 to 4294967295\n"
    "PYTHON_HISTORY: the file that keeps the lines typed at the prompt\n"
    "PYTHONHOME: another <prefix> (or <prefix>:<exec_prefix>) of the library\n"
    "PYTHONIOENCODING: encoding[:errors] of stdin, stdout and stderr\n"
    "PYTHONMALLOC: has no effect, there is one allocator\n"
    "PYTHONMALLOCSTATS: statistics of the allocator at the end\n"
    "PYTHONPATH: folders put before the library's in sys.path, separated by ':'\n"
    "PYTHONPLATLIBDIR: sys.platlibdir\n"
    "PYTHONSTARTUP: file run when an interactive session begins\n"
    "PYTHONUSERBASE: the base folder of the user (site.USER_BASE)\n"
    "\n"
    "These variables have equivalent command-line options (see --help):\n"
    "PYTHON_CONTEXT_AWARE_WARNINGS: 1: filters of warnings belong to the context\n"
    "                (-X context_aware_warnings)\n"
    "PYTHON_CPU_COUNT: the result of os.cpu_count() (-X cpu_count)\n"
    "PYTHONDEBUG: parser debugging (-d)\n"
    "PYTHONDEVMODE: development mode (-X dev)\n"
    "PYTHON_DISABLE_REMOTE_DEBUG: no other process may run scripts in this one\n"
    "PYTHONDONTWRITEBYTECODE: write no .pyc files (-B)\n"
    "PYTHONFAULTHANDLER: tracebacks of crashes (-X faulthandler)\n"
    "PYTHON_FROZEN_MODULES: on or off: modules that are part of the program\n"
    "                (-X frozen_modules)\n"
    "PYTHONINSPECT: go interactive after the program (-i)\n"
    "PYTHONINTMAXSTRDIGITS: the most digits between int and str (-X int_max_str_digits)\n"
    "PYTHONNODEBUGRANGES: no columns in code objects (-X no_debug_ranges)\n"
    "PYTHONNOUSERSITE: no user site folder (-s)\n"
    "PYTHONOPTIMIZE: drop assertions (-O)\n"
    "PYTHON_PERF_JIT_SUPPORT: let perf see functions of Python by a dump (-X perf_jit)\n"
    "PYTHONPERFSUPPORT: the same by a map (-X perf)\n"
    "PYTHONPROFILEIMPORTTIME: how long imports take (-X importtime)\n"
    "PYTHONPYCACHEPREFIX: another tree for .pyc files (-X pycache_prefix)\n"
    "PYTHONSAFEPATH: put no unsafe path first into sys.path (-P)\n"
    "PYTHON_THREAD_INHERIT_CONTEXT: 1: threads begin with a copy of the context\n"
    "                (-X thread_inherit_context)\n"
    "PYTHONTRACEMALLOC: trace memory (-X tracemalloc)\n"
    "PYTHONUNBUFFERED: unbuffered stdout and stderr (-u)\n"
    "PYTHONUTF8: UTF-8 mode (-X utf8)\n"
    "PYTHONVERBOSE: tell of imports (-v)\n"
    "PYTHONWARNDEFAULTENCODING: warn about encoding=None (-X warn_default_encoding)\n"
    "PYTHONWARNINGS: warning control (-W)\n";

const char* const x_text =
    "Options of the implementation:\n"
    "-X context_aware_warnings=[0|1]: do the filters of warnings belong to the\n"
    "         context? Also PYTHON_CONTEXT_AWARE_WARNINGS\n"
    "-X cpu_count=N: the result of os.cpu_count(), 'default' for the machine's;\n"
    "         also PYTHON_CPU_COUNT\n"
    "-X dev : development mode: more checks and warnings; also PYTHONDEVMODE\n"
    "-X disable-remote-debug: let no other process run scripts in this one; also\n"
    "         PYTHON_DISABLE_REMOTE_DEBUG\n"
    "-X dump=LIST: show what becomes of the program: tokens, ast, symtable, cfg,\n"
    "         bytecode\n"
    "-X faulthandler: tracebacks of crashes; also PYTHONFAULTHANDLER\n"
    "-X frozen_modules=[on|off]: import the modules that are part of the program, or\n"
    "         the library's files; also PYTHON_FROZEN_MODULES\n"
    "-X importtime[=2]: how long imports take; 2: tell of modules imported before,\n"
    "         too; also PYTHONPROFILEIMPORTTIME\n"
    "-X int_max_str_digits=N: the most digits between int and str, 0 for any number;\n"
    "         also PYTHONINTMAXSTRDIGITS\n"
    "-X no_debug_ranges: no columns in code objects; also PYTHONNODEBUGRANGES\n"
    "-X perf: let the profiler perf see functions of Python; also PYTHONPERFSUPPORT=1\n"
    "-X perf_jit: the same by a dump of the code; also PYTHON_PERF_JIT_SUPPORT=1\n"
    "-X pycache_prefix=PATH: another tree for .pyc files; also PYTHONPYCACHEPREFIX\n"
    "-X showrefcount: has no effect outside debug builds\n"
    "-X thread_inherit_context=[0|1]: do threads begin with a copy of the context?\n"
    "         Also PYTHON_THREAD_INHERIT_CONTEXT\n"
    "-X tracemalloc[=N]: trace memory, with N frames each; also PYTHONTRACEMALLOC\n"
    "-X utf8[=0|1]: UTF-8 mode; also PYTHONUTF8\n"
    "-X warn_default_encoding: warn about encoding=None; also\n"
    "         PYTHONWARNDEFAULTENCODING\n";

}  // namespace

void print_help(Help what, const char* program) {
    if (what == Help::Usage || what == Help::All) printf(usage_text, program);
    if (what == Help::All) putchar('\n');
    if (what == Help::Environment || what == Help::All) fputs(env_text, stdout);
    if (what == Help::All) putchar('\n');
    if (what == Help::XOptions || what == Help::All) fputs(x_text, stdout);
}

}  // namespace krait
