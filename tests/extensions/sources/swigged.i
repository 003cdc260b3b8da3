%module(directors="1", docstring="Made with SWIG.") built_swig
%feature("autodoc", "1");
%include "std_string.i"
%include "std_vector.i"
%include "exception.i"
%include "cstring.i"
%feature("director") Shape;
%template(Doubles) std::vector<double>;
%exception {
    try { $action }
    catch (const std::out_of_range& e) { SWIG_exception(SWIG_IndexError, e.what()); }
    catch (const Swig::DirectorException& e) { SWIG_fail; }
}
%{
#include <stdexcept>
#include "swigged.h"
int counter = 3;
%}
%extend Point {
    std::string __repr__() { return "Point(" + std::to_string($self->x) + ")"; }
    Point __add__(const Point& o) { return Point($self->x + o.x, $self->y + o.y); }
    double __getitem__(int i) { if (i < 0 || i > 1) throw std::out_of_range("no such part"); return i ? $self->y : $self->x; }
}
%newobject make;
%include "typemaps.i"
%include "swigged.h"
