"""Measures everything of bench/capi/boundary.c on the Python that runs it: lines `name seconds-per-operation`."""
import sys
from time import perf_counter

import boundary

INTS = "1, 2, 3"
# name: (setup, statement)
STATEMENTS = {
    "call noargs": ("f = m.noargs", "f()"),
    "call one(object)": ("f = m.one; x = m", "f(x)"),
    "call one(small int)": ("f = m.one; x = 7", "f(x)"),
    "call one(int)": ("f = m.one; x = 123456", "f(x)"),
    "call one(float)": ("f = m.one; x = 1.5", "f(x)"),
    "call long(int)": ("f = m.long; x = 123456", "f(x)"),
    "call double(float)": ("f = m.double; x = 1.5", "f(x)"),
    "call fastcall(3 objects)": ("f = m.fast; x = m", "f(x, x, x)"),
    "call fastcall(3 small ints)": ("f = m.fast", "f(1, 2, 3)"),
    "call fastcall(3 floats)": ("f = m.fast; x = 1.5", "f(x, x, x)"),
    "call fastcall+kw(2, c=)": ("f = m.fast_kw; x = m", "f(x, x, c=x)"),
    "call varargs(3 objects)": ("f = m.varargs; x = m", "f(x, x, x)"),
    "call varargs+kw(3 objects)": ("f = m.keywords; x = m", "f(x, x, x)"),
    "call varargs+kw(2, c=)": ("f = m.keywords; x = m", "f(x, x, c=x)"),
    "call module.noargs": ("", "m.noargs()"),
    "call method noargs": ("o = m.Thing()", "o.noargs()"),
    "call method one": ("o = m.Thing()", "o.one(o)"),
    "call method fastcall(3)": ("o = m.Thing()", "o.fast(o, o, o)"),
    "call method varargs+kw(3)": ("o = m.Thing()", "o.keywords(o, o, o)"),
    "call bound method": ("f = m.Thing().noargs", "f()"),
    "call raises": ("f = m.raises", "try: f()\n            except ValueError: pass"),
    "tp_call()": ("o = m.Thing()", "o()"),
    "tp_call(1)": ("o = m.Thing()", "o(o)"),
    "new object": ("T = m.Thing", "T()"),
    "member int": ("o = m.Thing()", "o.number"),
    "member double": ("o = m.Thing()", "o.real"),
    "member object": ("o = m.Thing()", "o.object"),
    "set member int": ("o = m.Thing()", "o.number = 5"),
    "set member object": ("o = m.Thing()", "o.object = o.__class__"),
    "getset": ("o = m.Thing()", "o.computed"),
    "set getset": ("o = m.Thing()", "o.computed = 5"),
    "generic dict": ("o = m.Thing(); o.attribute = None", "o.attribute"),
    "set generic dict": ("o = m.Thing(); o.attribute = None", "o.attribute = None"),
    "subclass attribute": ("class T(m.Thing): pass\n    o = T(); o.attribute = None", "o.attribute"),
    "nb_add": ("o = m.Thing()", "o + o"),
    "nb_add int": ("o = m.Thing()", "o + 1"),
    "nb_bool": ("o = m.Thing()", "not o"),
    "sq_item": ("o = m.Row()", "o[5]"),
    "mp_subscript": ("o = m.Thing()", "o[o]"),
    "mp_subscript int": ("o = m.Thing()", "o[5]"),
    "mp_ass_subscript": ("o = m.Thing()", "o[o] = o"),
    "sq_contains": ("o = m.Thing()", "o in o"),
    "richcompare": ("o = m.Thing()", "o < o"),
    "hash": ("o = m.Thing()", "hash(o)"),
    "len": ("o = m.Thing()", "len(o)"),
    "for over iternext": ("o = m.Thing()", "for x in o: pass"),
}
EACH = {"for over iternext": 1000}

numbers = list(range(1000, 1100))
mapping = {f"name{i}": object() for i in range(99)}
mapping[None] = object()
mapping["name"] = object()
thing = boundary.Thing()
thing.attribute = None


class Plain:
    attribute = None

    def upper(self):
        return None


def nothing(*args):
    return None


# name: (loop, argument, attribute name)
LOOPS = {
    "PyList_GetItem": ("list_get_item", [object() for _ in range(100)]),
    "PyList_GetItem(ints)": ("list_get_item", list(numbers)),
    "PyList_GetItemRef": ("list_get_item_ref", [object() for _ in range(100)]),
    "PyList_SetItem": ("list_set_item", list(numbers)),
    "PyList_Append": ("list_append", None),
    "PyList_SET_ITEM(PyLong)": ("list_of_ints", None),
    "PyDict_GetItem": ("dict_get_item", mapping),
    "PyDict_GetItemWithError": ("dict_get_item_with_error", mapping),
    "PyDict_GetItemRef": ("dict_get_item_ref", mapping),
    "PyDict_GetItemString": ("dict_get_item_string", mapping),
    "PyDict_SetItem": ("dict_set_item", {None: 1}),
    "PyDict_SetItemString": ("dict_set_item_string", {"name": 1}),
    "PyDict_Contains": ("dict_contains", mapping),
    "PyDict_Next": ("dict_next", mapping),
    "PyDict_Next(ints)": ("dict_next", dict.fromkeys(range(1000), 5000)),
    "PyDict_New + SetItem x 101": ("dict_new", mapping),
    "PyTuple_New(3)": ("tuple_new", None),
    "PyTuple_Pack(3)": ("tuple_pack", None),
    "PyTuple_GetItem": ("tuple_get_item", tuple(numbers)),
    "PyLong_FromLong(small)": ("long_from_small", None),
    "PyLong_FromLong": ("long_from_long", None),
    "PyLong_AsLong": ("long_as_long", 123456),
    "PyLong_AsSsize_t": ("long_as_ssize_t", 123456),
    "PyNumber_Add(int)": ("number_add", 123456),
    "PyNumber_Add(float)": ("number_add", 1.5),
    "PyFloat_FromDouble": ("float_from_double", None),
    "PyFloat_AsDouble": ("float_as_double", 1.5),
    "PyUnicode_FromString": ("str_from_string", None),
    "PyUnicode_AsUTF8": ("str_as_utf8", "some text"),
    "PyUnicode_AsUTF8(cached)": ("str_as_utf8", "some \u00e4 text"),
    "PyUnicode_InternFromString": ("str_intern", None),
    "PyUnicode_CompareWithASCII": ("str_compare", "some text"),
    "PyUnicode_Concat": ("str_concat", "some text"),
    "PyUnicode_FromFormat": ("str_format", None),
    "PyBytes_FromStringAndSize": ("bytes_from_string", None),
    "PyObject_GetAttr(C member)": ("get_attr_named", thing, "number"),
    "PyObject_GetAttr(C dict)": ("get_attr_named", thing, "attribute"),
    "PyObject_GetAttr(instance)": ("get_attr_named", Plain(), "attribute"),
    "PyObject_GetAttr(str method)": ("get_attr_named", "text", "upper"),
    "PyObject_GetAttr(module)": ("get_attr_named", sys, "path"),
    "PyObject_GetAttrString": ("get_attr_string", thing),
    "PyObject_SetAttr(C dict)": ("set_attr_named", thing, "attribute"),
    "PyObject_SetAttr(instance)": ("set_attr_named", Plain(), "attribute"),
    "PyObject_CallNoArgs(C)": ("call_no_args", boundary.noargs),
    "PyObject_CallNoArgs(def)": ("call_no_args", nothing),
    "PyObject_CallNoArgs(builtin)": ("call_no_args", "text".upper),
    "PyObject_CallNoArgs(class)": ("call_no_args", Plain),
    "PyObject_CallOneArg(C)": ("call_one_arg", boundary.one),
    "PyObject_CallOneArg(def)": ("call_one_arg", lambda x: x),
    "PyObject_CallOneArg(type)": ("call_one_arg", type),
    "PyObject_Vectorcall(C)": ("vectorcall", boundary.fast),
    "PyObject_Vectorcall(def)": ("vectorcall", lambda x, y: x),
    "PyObject_CallFunctionObjArgs": ("call_tuple", boundary.fast),
    "PyObject_CallFunction(ii)": ("call_function", boundary.fast),
    "PyObject_Call(def)": ("call_object", lambda x, y: x),
    "PyObject_CallMethodNoArgs(str)": ("call_method", "text", "upper"),
    "PyObject_CallMethodNoArgs(def)": ("call_method", Plain(), "upper"),
    "PyObject_CallMethodNoArgs(C)": ("call_method", thing, "noargs"),
    "PyErr_SetString + Clear": ("err_set_clear", None),
    "PyErr_SetObject + Clear": ("err_set_object", "key"),
    "PyErr_Occurred": ("err_occurred", None),
    "PyErr_Format + Clear": ("err_format", None),
    "Py_INCREF + DECREF": ("count", mapping),
    "PyObject_IsInstance": ("is_instance", thing),
    "PyObject_RichCompareBool": ("rich_compare", "text"),
    "PyObject_Hash(str)": ("hash", "text"),
    "PyObject_Hash(int)": ("hash", 123456),
    "PyObject_IsTrue(list)": ("is_true", numbers),
    "PyObject_Size": ("size", numbers),
    "PyObject_GetItem(dict)": ("get_item", mapping),
    "Py_BuildValue((iis))": ("build_value", None),
    "tp_alloc + dealloc": ("object_new", None),
    "PyMem_Malloc + Free": ("mem", None),
    "PyEval_SaveThread + Restore": ("gil", None),
    "PyGILState_Ensure + Release": ("gilstate", None),
    "PySet_Add": ("set_add", {None}),
    "PyObject_GetBuffer(bytes)": ("get_buffer", b"some bytes"),
    "PyIter_Next(list)": ("iterate", [object() for _ in range(1000)]),
    "PyIter_Next(list of ints)": ("iterate", list(range(1000, 2000))),
    "PyIter_Next(range)": ("iterate", range(1000, 2000)),
    "PyIter_Next(C type)": ("iterate", thing),
    "PyIter_Next(dict)": ("iterate", mapping),
}


def statement(setup, code):
    """A function (count) -> seconds for ten times `count` executions of `code`."""
    body = "\n            ".join([code] * 10)
    text = f"def run(n):\n    {setup or 'pass'}\n    start = clock()\n    for _ in range(n):\n            {body}\n    return clock() - start\n"
    space = {"m": boundary, "clock": perf_counter}
    exec(text, space)
    return space["run"]


def per_operation(run, times, seconds):
    """The best of many short runs, which together take about `seconds`: others use the machine too."""
    n = 1
    while (took := run(n)) < seconds / 80:
        n *= 2
    return min(min(run(n) for _ in range(40)), took) / (n * times)


def main():
    seconds, words = float(sys.argv[1]), sys.argv[2:]
    chosen = lambda name: not words or any(w in name for w in words)
    for name, (setup, code) in STATEMENTS.items():
        if chosen(name):
            print(f"{name}\t{per_operation(statement(setup, code), 10 * EACH.get(name, 1), seconds)}", flush=True)
    for name, (loop, arg, *attribute) in LOOPS.items():
        if chosen(name):
            def run(n):
                start = perf_counter()
                boundary.loop(loop, n * 100, arg, attribute[0] if attribute else "upper")
                return perf_counter() - start
            print(f"{name}\t{per_operation(run, 100, seconds)}", flush=True)


main()
