// A class hierarchy, trampolines, properties, enums, buffers and errors with nanobind.
#include <nanobind/make_iterator.h>
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/operators.h>
#include <nanobind/stl/function.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>
#include <nanobind/trampoline.h>

#include <stdexcept>

namespace nb = nanobind;
using namespace nb::literals;

struct Shape {
    virtual ~Shape() = default;
    virtual double area() const = 0;
    virtual std::string name() const { return "shape"; }
};
struct PyShape : Shape {
    NB_TRAMPOLINE(Shape, 2);
    double area() const override { NB_OVERRIDE_PURE(area); }
    std::string name() const override { NB_OVERRIDE(name); }
};
struct Point {
    double x, y;
    static inline int made = 0;
    Point(double x, double y) : x(x), y(y) { made++; }
    Point operator+(const Point& o) const { return {x + o.x, y + o.y}; }
    Point operator-() const { return {-x, -y}; }
    bool operator==(const Point& o) const { return x == o.x && y == o.y; }
};
struct Node {
    std::shared_ptr<Node> next;
    nb::object payload;
};
enum class Kind { Round = 1, Square = 2 };
enum Flags : uint32_t { A = 1, B = 2, C = 4 };
struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

int node_traverse(PyObject* self, visitproc visit, void* arg) {
    Py_VISIT(Py_TYPE(self));
    if (!nb::inst_ready(self)) return 0;
    Node* n = nb::inst_ptr<Node>(self);
    Py_VISIT(n->payload.ptr());
    return 0;
}
int node_clear(PyObject* self) {
    nb::inst_ptr<Node>(self)->payload.reset();
    return 0;
}
PyType_Slot node_slots[] = {
    {Py_tp_traverse, (void*)node_traverse}, {Py_tp_clear, (void*)node_clear}, {0, nullptr}};

NB_MODULE(built_nanobind, m) {
    m.doc() = "Made with nanobind.";
    nb::class_<Shape, PyShape>(m, "Shape")
        .def(nb::init<>())
        .def("area", &Shape::area)
        .def("name", &Shape::name);
    nb::class_<Point>(m, "Point", nb::dynamic_attr(), "A place.")
        .def(nb::init<double, double>(), "x"_a, "y"_a = 0.0)
        .def_rw("x", &Point::x, "The first.")
        .def_prop_ro("norm2", [](const Point& p) { return p.x * p.x + p.y * p.y; })
        .def_prop_rw(
            "both", [](const Point& p) { return std::make_tuple(p.x, p.y); },
            [](Point& p, std::tuple<double, double> v) { p.x = std::get<0>(v), p.y = std::get<1>(v); })
        .def_rw_static("made", &Point::made)
        .def_prop_ro_static(
            "kind",
            [](nb::handle cls) { return nb::str("kind of ") + nb::str(nb::getattr(cls, "__name__")); })
        .def_static("origin", [] { return Point(0, 0); })
        .def(nb::self + nb::self)
        .def(-nb::self)
        .def(nb::self == nb::self)
        .def("__getstate__", [](const Point& p) { return std::make_tuple(p.x, p.y); })
        .def("__setstate__",
             [](Point& p, std::tuple<double, double> s) { new (&p) Point(std::get<0>(s), std::get<1>(s)); })
        .def(
            "__iter__",
            [](const Point& p) { return nb::make_iterator(nb::type<Point>(), "values", &p.x, &p.x + 2); },
            nb::keep_alive<0, 1>())
        .def("__repr__", [](const Point& p) { return nb::str("Point({}, {})").format(p.x, p.y); });
    nb::class_<Node>(m, "Node", nb::type_slots(node_slots), nb::is_weak_referenceable())
        .def(nb::init<>())
        .def_rw("next", &Node::next)
        .def_rw("payload", &Node::payload, nb::arg().none());
    nb::enum_<Kind>(m, "Kind", nb::is_arithmetic())
        .value("Round", Kind::Round, "no corners")
        .value("Square", Kind::Square)
        .export_values();
    nb::enum_<Flags>(m, "Flags", nb::is_flag()).value("A", A).value("B", B).value("C", C);
    nb::exception<Failure>(m, "Failure", PyExc_ValueError);
    m.def("total", [](const std::vector<Shape*>& all) {
        double s = 0;
        for (auto* p : all) s += p->area();
        return s;
    });
    m.def("named", [](const Shape& s) { return s.name(); });
    m.def("apply", [](const std::function<int(int)>& f, int x) { return f(x); });
    m.def("adder", [](int n) -> std::function<int(int)> { return [n](int x) { return x + n; }; });
    m.def("words", [](const std::map<std::string, int>& m) { return m.size(); });
    m.def("which", [](std::variant<int, std::string, std::vector<double>> v) { return v.index(); });
    m.def(
        "maybe", [](std::optional<int> v) { return v ? std::optional<std::string>("got") : std::nullopt; },
        "v"_a.none() = nb::none());
    m.def("over", [](int) { return "int"; });
    m.def("over", [](double) { return "float"; });
    m.def("over", [](nb::str) { return "str"; });
    m.def(
        "fail",
        [](int n) {
            if (n == 0) throw Failure("own");
            if (n == 1) throw std::out_of_range("too far");
            if (n == 2) throw nb::key_error("key");
            if (n == 3) throw nb::index_error("index");
            PyErr_SetString(PyExc_LookupError, "set by hand");
            throw nb::python_error();
        },
        "n"_a);
    m.def("catch_", [](nb::callable f) -> nb::object {
        try {
            return f();
        } catch (nb::python_error& e) {
            return nb::make_tuple(e.what(), e.matches(PyExc_KeyError));
        }
    });
    m.def("sum", [](nb::ndarray<const double, nb::ndim<1>, nb::c_contig> a) {
        double s = 0;
        for (size_t i = 0; i < a.shape(0); i++) s += a(i);
        return s;
    });
    m.def("view", [](size_t n) {
        auto* d = new double[n];
        for (size_t i = 0; i < n; i++) d[i] = double(i) / 2;
        nb::capsule own(d, [](void* p) noexcept { delete[] (double*)p; });
        return nb::ndarray<nb::memview, double, nb::ndim<1>>(d, {n}, own);
    });
    m.def("args", [](nb::args a, nb::kwargs k) { return nb::make_tuple(a, k, nb::len(a)); });
    m.def("only", [](int a, int b) { return a - b; }, "a"_a, nb::kw_only(), "b"_a = 1);
    m.def("without_gil", [] {
        nb::gil_scoped_release r;
        nb::gil_scoped_acquire a;
        return 1;
    });
    m.def("items", [](nb::dict d) {
        nb::list out;
        for (auto [k, v] : d) out.append(nb::make_tuple(v, k));
        return out;
    });
    m.attr("constant") = nb::make_tuple(1, "two", 3.5);
    nb::module_ sub = m.def_submodule("sub", "Inside.");
    sub.def("f", [](nb::bytes b) { return b.size(); });
}
