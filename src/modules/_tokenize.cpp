// _tokenize: the lexer's tokens for the module tokenize.
#include <new>
#include <string>

#include "builtins/callable.h"
#include "builtins/exceptions.h"
#include "builtins/iterators.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "lexer/tokenize.h"
#include "object/names.h"
#include "object/protocol.h"
#include "source/source-text.h"

namespace krait {
namespace {

// Lines come from a Python function until it gives an empty one or raises StopIteration.
class CallableReader : public LineReader {
  public:
    CallableReader(Thread& t, Value readline, std::string encoding)
        : t_(t), readline_(readline), encoding_(std::move(encoding)) {}
    Result read(SourceText& text, bool) override {
        Ref line = call(t_, readline_);
        if (!line) return clear_if(t_, PyExc_StopIteration) ? Result::kEnd : Result::kFailed;
        if (!encoding_.empty()) {
            if (!is_bytes(line)) {
                raise(t_, PyExc_TypeError, "readline() returned a non-bytes object");
                return Result::kFailed;
            }
            line = decode(t_, bytes_of(line), size_of(line), encoding_.c_str(), "replace");
            if (!line) return Result::kFailed;
        } else if (!is_str(line)) {
            raise(t_, PyExc_TypeError, "readline() returned a non-string object");
            return Result::kFailed;
        }
        if (str_length(line) == 0) return Result::kEnd;
        krait::Result<std::string_view> utf8 = str_utf8(t_, line);
        if (!utf8) return Result::kFailed;
        text.append(utf8.value());
        return Result::kLine;
    }

  private:
    static const char* bytes_of(Value v) { return v.as<PyBytesObject>()->ob_sval; }
    static size_t size_of(Value v) { return static_cast<size_t>(v.as<PyBytesObject>()->ob_base.ob_size); }
    Thread& t_;
    Value readline_;
    std::string encoding_;
};

// Owns the lexer's state; not a Python object, so that its destructor can be a plain one.
struct State {
    SourceText source;
    CallableReader reader;
    TokenizeStream stream;
    State(Thread& t, Value readline, std::string encoding, bool extra)
        : reader(t, readline, std::move(encoding)), stream(source, options(extra)) {}
    LexerOptions options(bool extra) {
        LexerOptions o;
        o.extra_tokens = extra;
        o.reader = &reader;
        return o;
    }
};

Type iter_type;
struct TokenizerIter {
    PyObject ob_base;
    Value readline;
    Value last_line;  // the text of the last physical line, shared by its tokens
    State* state;
};

void dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    auto* it = reinterpret_cast<TokenizerIter*>(o);
    delete it->state;
    xdecref(it->readline);
    xdecref(it->last_line);
    free_object(t, o);
}
void traverse(PyObject* o, Visitor& v) {
    v.visit(reinterpret_cast<TokenizerIter*>(o)->readline);
    v.visit(reinterpret_cast<TokenizerIter*>(o)->last_line);
}

Ref new_(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    Value p[3];
    Ref keep;
    TRY(bind_args(t, "tokenizeriter", "(readline, /, *, encoding=None, extra_tokens=False)", args, n, kwnames,
                  p, keep));
    if (!p[2])
        return raise(t, PyExc_TypeError, "tokenizeriter() missing required argument 'extra_tokens' (pos 2)");
    std::string encoding;
    if (p[1] && !is_none(p[1])) {
        if (!is_str(p[1]))
            return raise(t, PyExc_TypeError, "tokenizeriter() argument 'encoding' must be str, not %K", p[1]);
        std::string_view text = TRY(str_utf8(t, p[1]));
        encoding = text;
    }
    bool extra = TRY(is_true(t, p[2]));
    Ref r = TRY(alloc(t, type));
    auto* it = r.as<TokenizerIter>();
    it->readline = Ref::share(p[0]).release();
    it->state = new (std::nothrow) State(t, it->readline, std::move(encoding), extra);
    if (!it->state) return raise_no_memory(t);
    return r;
}

Ref raise_failure(Thread& t, const Diagnostic& d) {
    PyTypeObject* type = d.kind == Diagnostic::Kind::kIndentationError ? PyExc_IndentationError
                         : d.kind == Diagnostic::Kind::kTabError       ? PyExc_TabError
                                                                       : PyExc_SyntaxError;
    Ref message = TRY(str_from_wtf8(t, d.message.data(), d.message.size()));
    Ref file = TRY(str_from(t, "<string>")), line = Ref::from_int(d.line), column = Ref::from_int(d.column);
    if (!d.has_location) {  // the place is not among the arguments
        Ref exc = TRY(call(t, Value(type), {message}));
        auto* e = exc.as<PySyntaxErrorObject>();
        set_field(e->filename, file);
        set_field(e->lineno, line);
        set_field(e->offset, column);
        set_field(e->text, none());
        set_field(e->end_lineno, line);
        set_field(e->end_offset, none());
        return raise_object(t, exc);
    }
    Ref text = TRY(str_from_wtf8(t, d.text.data(), d.text.size()));
    Ref end_line = none_ref(), end_column = none_ref();
    if (!d.end_unknown) {
        end_line = Ref::from_int(d.end_line ? d.end_line : d.line);
        end_column = Ref::from_int(d.end_column ? d.end_column : d.column);
    }
    Ref details = TRY(tuple_of(t, {file, line, column, text, end_line, end_column}));
    Ref exc = TRY(call(t, Value(type), {message, details}));
    return raise_object(t, exc);
}

Ref position(Thread& t, int64_t line, int64_t column) {
    return tuple_of(t, {Value::from_int(line), Value::from_int(column)});
}

Ref next(Thread& t, Value self) {
    auto* it = self.as<TokenizerIter>();
    TokenInfo info;
    if (!it->state->stream.next(info)) {
        if (occurred(t)) return {};
        const Diagnostic& d = it->state->stream.error();
        if (d.message.empty()) return {};
        return raise_failure(t, d);
    }
    if (info.line_changed || !it->last_line) {
        Ref line = TRY(str_from_wtf8(t, info.line_text.data(), info.line_text.size()));
        Value old = it->last_line;
        it->last_line = line.release();
        xdecref(old);
    }
    Ref text = TRY(str_from_wtf8(t, info.text.data(), info.text.size()));
    Ref start = TRY(position(t, info.line, info.column)),
        end = TRY(position(t, info.end_line, info.end_column));
    return tuple_of(t, {Value::from_int(static_cast<int64_t>(info.kind)), text, start, end, it->last_line});
}

Status exec(Thread& t, Value module) {
    static const TypeDecl decl = {
        .name = "_tokenize.TokenizerIter",
        .basicsize = sizeof(TokenizerIter),
        .flags = kTpDefault | kTpHaveGC,
        .slots =
            {.dealloc = dealloc, .traverse = traverse, .iter = iter_self, .iternext = next, .new_ = new_},
    };
    return add_static_type(t, module, iter_type, decl);
}

}  // namespace

extern const ModuleSpec module__tokenize = {"_tokenize", nullptr, nullptr, exec};

}  // namespace krait
