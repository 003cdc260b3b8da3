#include <pybind11/functional.h>
#include <pybind11/operators.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <stdexcept>

namespace py = pybind11;

struct Shape {
    virtual ~Shape() = default;
    virtual double area() const = 0;
};
struct PyShape : Shape {
    double area() const override { PYBIND11_OVERRIDE_PURE(double, Shape, area); }
};
struct Point {
    double x, y;
    Point operator+(const Point& o) const { return {x + o.x, y + o.y}; }
};
enum class Kind { Round, Square };

PYBIND11_MODULE(built_pybind, m) {
    py::class_<Shape, PyShape>(m, "Shape").def(py::init<>()).def("area", &Shape::area);
    py::class_<Point>(m, "Point")
        .def(py::init<double, double>(), py::arg("x"), py::arg("y") = 0.0)
        .def_readwrite("x", &Point::x)
        .def_property_readonly("norm2", [](const Point& p) { return p.x * p.x + p.y * p.y; })
        .def(py::self + py::self)
        .def("__repr__", [](const Point& p) { return py::str("Point({}, {})").format(p.x, p.y); });
    py::enum_<Kind>(m, "Kind").value("Round", Kind::Round).value("Square", Kind::Square);
    m.def("total", [](const std::vector<Shape*>& all) {
        double s = 0;
        for (auto* shape : all) s += shape->area();
        return s;
    });
    m.def("apply", [](const std::function<int(int)>& f, int x) { return f(x); });
    m.def("words", [](const std::map<std::string, int>& m) { return m.size(); });
    m.def("fail", [] { throw std::out_of_range("too far"); });
    m.def("without_gil", [] {
        py::gil_scoped_release release;
        py::gil_scoped_acquire acquire;
        return py::make_tuple(1, "two");
    });
}
