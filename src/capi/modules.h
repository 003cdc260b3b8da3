// Modules made by C: their definitions, and what an interpreter knows of them.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "capi/capi.h"

extern "C" {
struct PyModuleDef_Slot {
    int slot;
    void* value;
};
struct PyModuleDef {
    PyObject ob_base;
    PyObject* (*m_init)();
    Py_ssize_t m_index;
    PyObject* m_copy;
    const char* m_name;
    const char* m_doc;
    Py_ssize_t m_size;
    PyMethodDef* m_methods;
    PyModuleDef_Slot* m_slots;
    int (*m_traverse)(PyObject*, visitproc, void*);
    int (*m_clear)(PyObject*);
    void (*m_free)(void*);
};
}

namespace krait {

// Hangs off Interpreter::module_states.
struct CapiState {
    std::vector<PyObject*> by_index;                       // PyState_FindModule: owned or null
    std::unordered_map<std::string, PyModuleDef*> loaded;  // single-phase modules, by file and name
    std::unordered_map<PyModuleDef*, PyObject*> copies;  // dicts of single-phase modules without state; owned
    const char* package_context = nullptr;               // full name of the module that is being initialized
    std::vector<void (*)(void*)> code_extra_free;  // PyUnstable_Eval_RequestCodeExtraIndex: by index, or null
};
CapiState& capi_state(Interpreter& in);
CapiState& capi_state(Thread& t);
Ref module_from_def(Thread& t, PyModuleDef* def, Value spec);
// Runs the init function of a module, by either kind of initialization. `path` is empty for builtin ones;
// `key` names it among those that are loaded.
Ref module_from_init(Thread& t, Value spec, Value name, Value path, const std::string& key,
                     PyObject* (*init)());
Status module_exec_def(Thread& t, Value module, PyModuleDef* def);
// ImportError where the interpreter wants modules that can be there several times only.
Status check_single_interpreter(Thread& t, const char* name);

}  // namespace krait
