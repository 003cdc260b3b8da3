// _types: the names of types that no module of their own gives.
#include "builtins/callable.h"
#include "object/type.h"

namespace krait {
namespace {

Status exec(Thread& t, Value module) {
    struct {
        const char* name;
        Type* type;
    } const types[] = {{"AsyncGeneratorType", &PyAsyncGen_Type},
                       {"BuiltinFunctionType", &PyCFunction_Type},
                       {"BuiltinMethodType", &PyCFunction_Type},
                       {"CapsuleType", &PyCapsule_Type},
                       {"CellType", &PyCell_Type},
                       {"ClassMethodDescriptorType", &PyClassMethodDescr_Type},
                       {"CodeType", &PyCode_Type},
                       {"CoroutineType", &PyCoro_Type},
                       {"EllipsisType", &PyEllipsis_Type},
                       {"FrameType", &PyFrame_Type},
                       {"FunctionType", &PyFunction_Type},
                       {"GeneratorType", &PyGen_Type},
                       {"GenericAlias", &Py_GenericAliasType},
                       {"GetSetDescriptorType", &PyGetSetDescr_Type},
                       {"LambdaType", &PyFunction_Type},
                       {"MappingProxyType", &PyDictProxy_Type},
                       {"MemberDescriptorType", &PyMemberDescr_Type},
                       {"MethodDescriptorType", &PyMethodDescr_Type},
                       {"MethodType", &PyMethod_Type},
                       {"MethodWrapperType", &_PyMethodWrapper_Type},
                       {"ModuleType", &PyModule_Type},
                       {"NoneType", &_PyNone_Type},
                       {"NotImplementedType", &_PyNotImplemented_Type},
                       {"SimpleNamespace", &_PyNamespace_Type},
                       {"TracebackType", &PyTraceBack_Type},
                       {"UnionType", &_PyUnion_Type},
                       {"WrapperDescriptorType", &PyWrapperDescr_Type}};
    for (auto& e : types) TRY(module_add(t, module, e.name, Ref::share(Value(e.type))));
    return Status::ok();
}

}  // namespace

extern const ModuleSpec module__types;
const ModuleSpec module__types{
    .name = "_types", .doc = "Names of builtin types.", .functions = nullptr, .exec = exec};

}  // namespace krait
