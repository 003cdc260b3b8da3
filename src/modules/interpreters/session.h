// Running code of another interpreter for a while.
#pragma once

#include <string>

#include "modules/interpreters/cross.h"
#include "runtime/interpreters.h"

namespace krait::xi {

// enter() goes there, exit() comes back; in between `thread()` is current. What goes wrong there is told
// here: as an exception, or, where the code itself raised, as a description of it.
class Session {
  public:
    explicit Session(Thread& t) : outer_(t) {}
    Session(const Session&) = delete;
    ~Session();

    // Takes possession of the interpreter's __main__ and adds the values of the dict to it, which may be
    // empty. Failure: still here, with an exception or an excinfo.
    Status enter(InterpreterRecord& in, Value shared);
    void exit();  // with or without an exception set there
    Thread& thread() { return *inner_; }
    Ref main_namespace();  // owned by the other interpreter
    // The current exception there is not the code's: NotShareableError(message) is raised here because of it.
    void fail_not_shareable(const std::string& message);
    void preserve(Value result);  // to be had here after exit()

    Ref take_excinfo();    // empty: none
    Ref take_preserved();  // after exit(); None if there is nothing, empty with an exception

  private:
    enum class Fault { None, AlreadyRunning, MainNamespace, ApplyNamespace, Preserve, NotShareable };
    Status apply(const std::pair<std::string, Data*>* items, size_t n);
    void capture(Fault fault);
    void leave();
    void tell();

    Thread& outer_;
    Thread* inner_ = nullptr;
    InterpreterRecord* interp_ = nullptr;
    bool running_ = false;
    Fault fault_ = Fault::None;
    bool failed_ = false;
    std::string message_;
    bool has_message_ = false;
    ExcInfo info_;
    Value preserved_;  // owned by the other interpreter, until exit()
    Data* preserved_data_ = nullptr;
    Value kept_;     // owned here: no interpreter was left
    Value excinfo_;  // owned here
};

}  // namespace krait::xi
