// The module _curses_panel: windows that lie on each other.
#include "modules/curses/curses.h"
#include "object/per_interpreter.h"

namespace krait::curses {

namespace {

Type panel_type;
PER_INTERPRETER_REFS Value g_panel_error;
struct Panel {
    PyObject ob_base;
    PANEL* pan;
    Value window;  // owned
};
Panel* as_panel(Value v) { return v.as<Panel>(); }

Ref checked_panel(Thread& t, int code, const char* function) {
    if (code == ERR) return raise(t, g_panel_error.as<PyTypeObject>(), "%s() returned ERR", function);
    return none_ref();
}
// The object of the user pointer is the library's: owned.
void drop_user(PANEL* pan) {
    auto* o = static_cast<PyObject*>(const_cast<void*>(panel_userptr(pan)));
    set_panel_userptr(pan, nullptr);
    if (o) decref(o);
}

// All panels there are, from the lowest: by the objects, which the library does not know.
struct All {
    Panel** items = nullptr;
    size_t n = 0, capacity = 0;
} g_all;
Status remember(Thread& t, Panel* p) {
    if (g_all.n == g_all.capacity) {
        size_t more = g_all.capacity ? g_all.capacity * 2 : 16;
        auto* items = static_cast<Panel**>(mem_realloc(g_all.items, more * sizeof(Panel*)));
        if (!items) return raise_no_memory(t);
        g_all.items = items;
        g_all.capacity = more;
    }
    g_all.items[g_all.n++] = p;
    return Status::ok();
}
void forget(Panel* p) {
    for (size_t i = 0; i < g_all.n; i++)
        if (g_all.items[i] == p) g_all.items[i--] = g_all.items[--g_all.n];
}
Ref object_of(Thread& t, PANEL* pan, const char* function) {
    if (!pan) return none_ref();
    for (size_t i = 0; i < g_all.n; i++)
        if (g_all.items[i]->pan == pan) return Ref::share(Value(&g_all.items[i]->ob_base));
    return raise(t, PyExc_RuntimeError, "%s: can't find Panel Object", function);
}

void panel_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    auto* p = reinterpret_cast<Panel*>(o);
    forget(p);
    if (p->pan) {
        drop_user(p->pan);
        del_panel(p->pan);
    }
    xdecref(p->window);
    free_object(t, o);
}
void panel_traverse(PyObject* o, Visitor& v) { v.visit(reinterpret_cast<Panel*>(o)->window); }

Ref above(Thread& t, Value self) { return object_of(t, panel_above(as_panel(self)->pan), "panel_above"); }
Ref below(Thread& t, Value self) { return object_of(t, panel_below(as_panel(self)->pan), "panel_below"); }
template <const char* Name, auto F>
Ref plain(Thread& t, Value self) {
    return checked_panel(t, F(as_panel(self)->pan), Name);
}
Ref hidden(Thread&, Value self) { return bool_ref(panel_hidden(as_panel(self)->pan)); }
Ref move(Thread& t, Value self, const Value* a, size_t) {
    int y, x;
    TRY(int_arg(t, a[0], &y));
    TRY(int_arg(t, a[1], &x));
    return checked_panel(t, move_panel(as_panel(self)->pan, y, x), "move_panel");
}
Ref replace(Thread& t, Value self, Value win) {
    if (!has_type(win, &window_type))
        return raise(t, PyExc_TypeError, "replace() argument must be _curses.window, not %K", win);
    if (replace_panel(as_panel(self)->pan, win_of(win)) == ERR) return checked_panel(t, ERR, "replace_panel");
    put_owned(as_panel(self)->window, Ref::share(win));
    return none_ref();
}
Ref set_user(Thread& t, Value self, Value v) {
    drop_user(as_panel(self)->pan);
    Ref keep = Ref::share(v);
    if (!v.is_ptr()) keep = TRY(v.is_int() ? int_box(t, v) : float_box(t, v.as_float()));
    return checked_panel(t, set_panel_userptr(as_panel(self)->pan, keep.release().ptr()),
                         "set_panel_userptr");
}
Ref user(Thread& t, Value self) {
    auto* o = static_cast<PyObject*>(const_cast<void*>(panel_userptr(as_panel(self)->pan)));
    if (!o) return raise(t, PyExc_SystemError, "error return without exception set");
    return Ref::share(Value(o));
}
Ref window(Thread&, Value self) { return Ref::share(as_panel(self)->window); }

constexpr char n_bottom[] = "bottom_panel", n_hide[] = "hide_panel", n_show[] = "show_panel",
               n_top[] = "top_panel";
const NativeDef panel_methods[] = {
    def<above>("above", "()", "The panel above this one."),
    def<below>("below", "()", "The panel below this one."),
    def<plain<n_bottom, ::bottom_panel>>("bottom", "()", "Pushes the panel to the bottom."),
    def<hidden>("hidden", "()", "Is the panel hidden?"),
    def<plain<n_hide, hide_panel>>("hide", "()", "Hides the panel."),
    def<move>("move", "(y, x, /)", "Moves the panel."),
    def<replace>("replace", "(win, /)", "Gives the panel another window."),
    def<set_user>("set_userptr", "(obj, /)", "Keeps any object."),
    def<plain<n_show, show_panel>>("show", "()", "Shows a hidden panel."),
    def<plain<n_top, ::top_panel>>("top", "()", "Pulls the panel to the top."),
    def<user>("userptr", "()", "What set_userptr() kept."),
    def<window>("window", "()", "The window of the panel."),
    {}};

Ref make(Thread& t, Value, Value win) {
    if (!has_type(win, &window_type))
        return raise(t, PyExc_TypeError, "new_panel() argument must be _curses.window, not %K", win);
    TRY(need_initscr(t));
    PANEL* pan = new_panel(win_of(win));
    if (!pan) return raise(t, g_panel_error.as<PyTypeObject>(), "new_panel() returned NULL");
    Ref self = alloc(t, &panel_type);
    if (!self || !remember(t, as_panel(self))) {
        del_panel(pan);
        return {};
    }
    as_panel(self)->pan = pan;
    as_panel(self)->window = Ref::share(win).release();
    return self;
}
Ref lowest(Thread& t, Value) {
    TRY(need_initscr(t));
    return object_of(t, panel_above(nullptr), "panel_above");
}
Ref highest(Thread& t, Value) {
    TRY(need_initscr(t));
    return object_of(t, panel_below(nullptr), "panel_below");
}
Ref update(Thread& t, Value) {
    TRY(need_initscr(t));
    ::update_panels();
    return none_ref();
}
const NativeDef functions[] = {
    def<lowest>("bottom_panel", "()", "The panel at the bottom."),
    def<make>("new_panel", "(win, /)", "A panel of a window, on top of all."),
    def<highest>("top_panel", "()", "The panel at the top."),
    def<update>("update_panels", "()", "Brings the panels to the screen, for doupdate()."),
    {}};

Status exec(Thread& t, Value module) {
    TRY_DISCARD(import_module(t, "_curses"));
    if (!g_panel_error) {
        Ref ns = TRY(dict_new(t)), name = TRY(str_intern(t, "error")),
            home = TRY(str_intern(t, "_curses_panel"));
        Ref bases = TRY(tuple_of(t, {PyExc_Exception}));
        TRY(dict_set_str(t, ns, "__module__", home));
        g_panel_error = TRY(new_class(t, name, bases, ns)).release();
    }
    TRY(module_add(t, module, "error", Ref::share(g_panel_error)));
    static const TypeDecl panel{.name = "_curses_panel.panel",
                                .basicsize = sizeof(Panel),
                                .flags = kTpDefault | kTpHaveGC | kTpImmutableType | kTpDisallowInstantiation,
                                .slots = {.dealloc = panel_dealloc, .traverse = panel_traverse},
                                .spec = {.methods = panel_methods}};
    TRY(add_static_type(t, module, panel_type, panel));
    TRY(module_add_str(t, module, "version", "2.1"));
    return module_add_str(t, module, "__version__", "2.1");
}

}  // namespace
}  // namespace krait::curses

namespace krait {
extern const ModuleSpec module__curses_panel;
const ModuleSpec module__curses_panel{
    .name = "_curses_panel", .doc = nullptr, .functions = curses::functions, .exec = curses::exec};
}  // namespace krait
