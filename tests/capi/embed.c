/* A program that embeds Python. One way to do so per run: the first argument names it. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <pthread.h>

static void fail(PyStatus status) {
    printf("status: error %d exit %d code %d: %s\n", PyStatus_IsError(status), PyStatus_IsExit(status),
           status.exitcode, status.err_msg ? status.err_msg : "-");
    exit(1);
}
#define CHECK(call)                                     \
    do {                                                \
        PyStatus status_ = (call);                      \
        if (PyStatus_Exception(status_)) fail(status_); \
    } while (0)

/* --- two modules of the program's own: both kinds of initialization --- */

static PyObject* twice(PyObject* self, PyObject* arg) { return PyNumber_Add(arg, arg); }
static PyMethodDef single_methods[] = {{"twice", twice, METH_O, "Return the argument twice."}, {NULL}};
static PyModuleDef single_def = {PyModuleDef_HEAD_INIT, .m_name = "single", .m_size = -1,
                                 .m_methods = single_methods};
static PyObject* init_single(void) { return PyModule_Create(&single_def); }

static int exec_multi(PyObject* m) { return PyModule_AddIntConstant(m, "answer", 42); }
static PyModuleDef_Slot multi_slots[] = {{Py_mod_exec, exec_multi}, {0, NULL}};
static PyModuleDef multi_def = {PyModuleDef_HEAD_INIT, .m_name = "multi", .m_slots = multi_slots};
static PyObject* init_multi(void) { return PyModuleDef_Init(&multi_def); }

static const char* show_modules =
    "import sys, single, multi\n"
    "print(single.twice('ab'), multi.answer, single.__spec__.origin, multi.__loader__.__name__)\n"
    "print(sorted(n for n in sys.builtin_module_names if n in ('single', 'multi', 'sys')))\n"
    "print(hasattr(single, '__file__'), single, multi)\n";

static void set_home(PyConfig* config) {
    CHECK(PyConfig_SetBytesString(config, &config->home, getenv("EMBED_HOME")));
}

static void finish(void) {
    printf("initialized: %d\n", Py_IsInitialized());
    fflush(stdout);
    int r = Py_FinalizeEx();
    printf("finalized: %d %d\n", r, Py_IsInitialized());
}

static int run_config(void) {
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    set_home(&config);
    char* argv[] = {"embed",     "-B", "-O",       "-Xone", "-Xtwo=2", "-Werror::UserWarning",
                    "script.py", "a",  "b\xc3\xa4"};
    CHECK(PyConfig_SetBytesArgv(&config, Py_ARRAY_LENGTH(argv), argv));
    config.site_import = 0;
    config.use_hash_seed = 1;
    config.hash_seed = 7;
    CHECK(PyWideStringList_Append(&config.warnoptions, L"ignore"));
    PyImport_AppendInittab("single", init_single);
    PyImport_AppendInittab("multi", init_multi);
    printf("before: %d\n", Py_IsInitialized());
    CHECK(Py_InitializeFromConfig(&config));
    PyConfig_Clear(&config);
    int r = PyRun_SimpleString(
        "import sys\n"
        "print(sys.argv, sys.orig_argv)\n"
        "print(sys.flags.optimize, sys.flags.dont_write_bytecode, sys.flags.no_site, "
        "sys.flags.hash_randomization)\n"
        "print(sorted(sys._xoptions.items()), sys.warnoptions, 'site' in sys.modules)\n"
        "print(__name__, __debug__, hash('a') == hash('a'))\n");
    printf("run: %d\n", r);
    r = PyRun_SimpleString(show_modules);
    printf("run: %d\n", r);
    fflush(stdout);
    r = PyRun_SimpleString("def f(): raise ValueError('from the program')\nf()\n");
    printf("failed run: %d, pending %d\n", r, PyErr_Occurred() != NULL);
    PyObject* globals = PyModule_GetDict(PyImport_AddModule("__main__"));
    PyObject* v = PyRun_String("sum(range(10))", Py_eval_input, globals, globals);
    printf("value: %ld\n", PyLong_AsLong(v));
    Py_DECREF(v);
    v = PyRun_String("1 +", Py_eval_input, globals, globals);
    printf("bad source: %d %d\n", v == NULL, PyErr_ExceptionMatches(PyExc_SyntaxError));
    PyErr_Clear();
    v = PyConfig_Get("hash_seed");
    int n = -1;
    printf("options: %ld %d %d\n", PyLong_AsLong(v), PyConfig_GetInt("optimization_level", &n), n);
    Py_DECREF(v);
    finish();
    return 0;
}

static int run_isolated(void) {
    PyPreConfig pre;
    PyPreConfig_InitIsolatedConfig(&pre);
    pre.utf8_mode = 1;
    CHECK(Py_PreInitialize(&pre));
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    printf("%d %d %d %d\n", config.isolated, config.use_environment, config.parse_argv, config.site_import);
    set_home(&config);
    wchar_t* argv[] = {L"name", L"-x"};
    CHECK(PyConfig_SetArgv(&config, 2, argv));
    CHECK(PyConfig_SetString(&config, &config.program_name, L"/no/where/program"));
    config.optimization_level = 2;
    config.write_bytecode = 0;
    CHECK(PyConfig_Read(&config));
    printf("read: %ls %d %zd\n", config.program_name, config.module_search_paths_set, config.argv.length);
    CHECK(Py_InitializeFromConfig(&config));
    PyConfig_Clear(&config);
    PyRun_SimpleString(
        "import sys\n"
        "print(sys.argv, sys.flags.isolated, sys.flags.ignore_environment, sys.flags.no_user_site, "
        "sys.flags.utf8_mode)\n"
        "print(sys.flags.optimize, sys.flags.safe_path, sys.executable, __debug__)\n"
        "import os; print(os.path.samefile(sys.prefix, os.environ['EMBED_HOME']))\n"
        "import signal; print(signal.getsignal(signal.SIGINT))\n");
    finish();
    return 0;
}

static void* from_thread(void* arg) {
    for (int i = 0; i < 3; i++) {
        PyGILState_STATE state = PyGILState_Ensure();
        PyObject* r = PyObject_CallFunction((PyObject*)arg, "is", i, "thread");
        Py_XDECREF(r);
        PyGILState_Release(state);
    }
    return NULL;
}

static int run_simple(void) {
    setenv("PYTHONHOME", getenv("EMBED_HOME"), 1);
    Py_InitializeEx(0);
    Py_Initialize(); /* does nothing */
    PyObject* list = PyList_New(0);
    PyObject* add = PyObject_GetAttrString(list, "append");
    PyRun_SimpleString("calls = []\ndef called(*args): calls.append(args)\n");
    PyObject* main = PyImport_AddModule("__main__");
    PyObject* called = PyObject_GetAttrString(main, "called");
    pthread_t thread;
    PyThreadState* saved = PyEval_SaveThread();
    pthread_create(&thread, NULL, from_thread, called);
    pthread_join(thread, NULL);
    PyEval_RestoreThread(saved);
    PyRun_SimpleString("print(calls)\nimport sys; print(sys.argv, sys.orig_argv)");
    PyRun_SimpleString("import atexit; atexit.register(print, 'at the end')");
    PyRun_SimpleString(
        "import threading; t = threading.Timer(0.05, print, ['from a thread of Python']); t.start()");
    Py_XDECREF(add);
    Py_XDECREF(list);
    Py_XDECREF(called);
    finish();
    return 0;
}

static int run_main(void) {
    char* argv[] = {"embed", "-c", "import sys; print(sys.argv); sys.exit(7)", "x"};
    setenv("PYTHONHOME", getenv("EMBED_HOME"), 1);
    PyImport_AppendInittab("single", init_single);
    int r = Py_BytesMain(4, argv);
    printf("main: %d %d\n", r, Py_IsInitialized());
    return 0;
}

static int run_command(void) {
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    set_home(&config);
    config.parse_argv = 0;
    wchar_t* argv[] = {L"-c", L"one"};
    CHECK(PyConfig_SetArgv(&config, 2, argv));
    CHECK(PyConfig_SetString(&config, &config.run_command, L"import sys; print(sys.argv); 1/0\n"));
    CHECK(Py_InitializeFromConfig(&config));
    PyConfig_Clear(&config);
    int r = Py_RunMain();
    printf("main: %d\n", r);
    return 0;
}

static int run_version(void) {
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    set_home(&config);
    char* argv[] = {"embed", "--version"};
    CHECK(PyConfig_SetBytesArgv(&config, 2, argv));
    PyStatus status = Py_InitializeFromConfig(&config);
    fflush(stdout);
    printf("exit %d code %d\n", PyStatus_IsExit(status), status.exitcode);
    PyConfig_Clear(&config);
    return 0;
}

static int run_initconfig(void) {
    PyInitConfig* c = PyInitConfig_Create();
    const char* message;
    int64_t n = -1;
    char* text;
    char** items;
    size_t length;
    int code = -1;
    printf("%d %d\n", PyInitConfig_HasOption(c, "verbose"), PyInitConfig_HasOption(c, "nonsense"));
    printf("%d %d\n", PyInitConfig_GetError(c, &message), PyInitConfig_GetExitCode(c, &code));
    int r = PyInitConfig_SetInt(c, "nonsense", 1);
    printf("%d %d", r, PyInitConfig_GetError(c, &message));
    printf(" %s\n", message);
    r = PyInitConfig_SetStr(c, "verbose", "x");
    printf("%d %d", r, PyInitConfig_GetError(c, &message));
    printf(" %s\n", message);
    r = PyInitConfig_SetInt(c, "home", 1);
    printf("%d %d", r, PyInitConfig_GetError(c, &message));
    printf(" %s\n", message);
    r = PyInitConfig_GetStrList(c, "home", &length, &items);
    printf("%d %d", r, PyInitConfig_GetError(c, &message));
    printf(" %s\n", message);
    r = PyInitConfig_GetInt(c, "isolated", &n);
    printf("%d %lld\n", r, (long long)n);
    r = PyInitConfig_GetStr(c, "program_name", &text);
    printf("%d %d\n", r, text == NULL);
    r = PyInitConfig_SetStr(c, "home", getenv("EMBED_HOME"));
    r |= PyInitConfig_SetStr(c, "program_name", "named");
    r |= PyInitConfig_GetStr(c, "program_name", &text);
    printf("%d %s\n", r, text);
    free(text);
    char* argv[] = {"p", "q", "r"};
    r = PyInitConfig_SetStrList(c, "argv", 3, argv);
    r |= PyInitConfig_GetStrList(c, "argv", &length, &items);
    printf("%d %zu %s\n", r, length, items[2]);
    PyInitConfig_FreeStrList(length, items);
    PyInitConfig_SetInt(c, "site_import", 0);
    PyInitConfig_SetInt(c, "quiet", 1);
    PyInitConfig_AddModule(c, "single", init_single);
    PyInitConfig_AddModule(c, "multi", init_multi);
    if (Py_InitializeFromInitConfig(c) < 0) {
        PyInitConfig_GetError(c, &message);
        printf("failed: %s\n", message);
        return 1;
    }
    PyInitConfig_Free(c);
    PyRun_SimpleString(show_modules);
    PyRun_SimpleString("print(sys.argv, sys.flags.quiet, 'site' in sys.modules, sys.warnoptions)");
    finish();
    return 0;
}

static int run_statuses(void) {
    PyStatus s = PyStatus_Ok();
    printf("%d %d %d\n", PyStatus_IsError(s), PyStatus_IsExit(s), PyStatus_Exception(s));
    s = PyStatus_Error("wrong");
    printf("%d %d %d %s %d\n", PyStatus_IsError(s), PyStatus_IsExit(s), PyStatus_Exception(s), s.err_msg,
           s.func == NULL);
    s = PyStatus_NoMemory();
    printf("%d %d %d %s\n", PyStatus_IsError(s), PyStatus_IsExit(s), PyStatus_Exception(s), s.err_msg);
    s = PyStatus_Exit(5);
    printf("%d %d %d %d\n", PyStatus_IsError(s), PyStatus_IsExit(s), PyStatus_Exception(s), s.exitcode);
    PyWideStringList list = {0};
    PyWideStringList_Append(&list, L"b");
    PyWideStringList_Insert(&list, 0, L"a");
    PyWideStringList_Insert(&list, 9, L"c");
    s = PyWideStringList_Insert(&list, -1, L"d");
    printf("%zd %ls%ls%ls %s\n", list.length, list.items[0], list.items[1], list.items[2], s.err_msg);
    PyPreConfig pre;
    PyPreConfig_InitPythonConfig(&pre);
    printf("%d %d %d %d %d\n", pre.isolated, pre.use_environment, pre.configure_locale, pre.utf8_mode,
           pre.parse_argv);
    fflush(stdout);
    Py_ExitStatusException(PyStatus_Exit(3));
}

int main(int argc, char** argv) {
    static const struct {
        const char* name;
        int (*run)(void);
    } ways[] = {{"config", run_config},         {"isolated", run_isolated},
                {"simple", run_simple},         {"main", run_main},
                {"command", run_command},       {"version", run_version},
                {"initconfig", run_initconfig}, {"statuses", run_statuses}};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(ways); i++)
        if (argc > 1 && !strcmp(argv[1], ways[i].name)) return ways[i].run();
    return 2;
}
