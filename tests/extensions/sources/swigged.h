#include <string>
#include <vector>
struct Shape {
    virtual ~Shape() {}
    virtual double area() const { return -1; }
    virtual std::string name() const { return "shape"; }
};
struct Point {
    double x, y;
    int tags[3];
    Point(double x = 0, double y = 0) : x(x), y(y), tags{1, 2, 3} {}
    static int dimension() { return 2; }
    double scaled(double f) const { return x * f; }
    int scaled(int n) const { return n; }
};
enum Colour { RED = 1, GREEN = 5 };
inline double total(const std::vector<double>& v) {
    double s = 0;
    for (double d : v) s += d;
    return s;
}
inline double area_of(const Shape& s) { return s.area() * 2; }
inline std::string name_of(const Shape* s) { return s ? s->name() : "nothing"; }
inline Point* make(double x) { return new Point(x, 1); }
inline std::vector<double> halves(int n) {
    std::vector<double> v;
    for (int i = 0; i < n; i++) v.push_back(i / 2.0);
    return v;
}
inline void swap(int* INOUT, int* OUTPUT) {
    *OUTPUT = *INOUT;
    *INOUT = 7;
}
extern int counter;
#define LIMIT 42
