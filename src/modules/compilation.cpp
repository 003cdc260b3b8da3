// Source text to tree, symbols or code object; diagnostics to exceptions and warnings.
#include "modules/compilation.h"

#include <cstdio>
#include <cstring>
#include <string>

#include "ast/identifier.h"
#include "ast/validate.h"
#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/codec.h"
#include "builtins/exceptions.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "compiler/codegen.h"
#include "compiler/compiler.h"
#include "interp/interp.h"
#include "modules/ast/ast.h"
#include "modules/builtins.h"
#include "object/names.h"
#include "object/protocol.h"
#include "parser/parser.h"
#include "runtime/hooks.h"
#include "support/unicode.h"
#include "support/utf8.h"
#include "symtable/future.h"

namespace krait {
namespace {

// How many bytes of a line are shown: CPython's buffer for it ends there.
constexpr size_t kLineShown = 999;

bool blank_or_comment(std::string_view line) {
    size_t at = line.find_first_not_of(" \t\f\r\n");
    return at == std::string_view::npos || line[at] == '#';
}

// The bytes of a line of the named file, for the `text` of a SyntaxError, and the encoding that its first two
// lines name.
bool line_of_file(std::string_view filename, size_t number, std::string& text,
                  std::string* encoding = nullptr) {
    FILE* f = fopen(std::string(filename).c_str(), "rb");
    if (!f) return false;
    char* line = nullptr;
    size_t capacity = 0;
    bool found = false, may_name_encoding = true;
    for (size_t i = 1; !found; i++) {
        ssize_t n = getline(&line, &capacity, f);
        if (n < 0) break;
        std::string_view bytes(line, static_cast<size_t>(n));
        if (i <= 2 && may_name_encoding && encoding && encoding->empty()) {
            *encoding = coding_cookie(bytes);
            may_name_encoding = blank_or_comment(bytes);
        }
        if (i < number) continue;
        found = true;
        if (i == 1 && bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
        text.assign(bytes.substr(0, kLineShown));
        if (text.ends_with("\r\n")) text.erase(text.size() - 2, 1);
    }
    free(line);
    fclose(f);
    return found;
}

// Bytes as text with replacement characters; in UTF-8 unless an encoding is named.
std::string decode_leniently(Thread& t, const std::string& bytes, const std::string& encoding) {
    if (encoding.empty() || encoding == "utf-8") return decode_replacing(bytes);
    Ref text = decode(t, bytes.data(), bytes.size(), encoding.c_str(), "replace");
    if (!text || !is_str(text)) {
        clear_error(t);
        return decode_replacing(bytes);
    }
    return std::string(str_utf8_or(text, "?"));
}

class FileLines : public LineLookup {
  public:
    FileLines(Thread& t, std::string filename, std::string encoding)
        : t_(t), filename_(std::move(filename)), encoding_(std::move(encoding)) {}
    bool line(size_t number, std::string& text) override {
        std::string bytes;
        if (!line_of_file(filename_, number, bytes)) return false;
        WithoutWayOut python;
        text = decode_leniently(t_, bytes, encoding_);
        return true;
    }

  private:
    Thread& t_;
    std::string filename_, encoding_;
};

// The pending exception as `failure`: what CPython takes for a fault of the source, else it goes through.
Decoder::Result decoding_failed(Thread& t, Diagnostic& failure, Decoder::Result result) {
    if (!error_is(t, PyExc_LookupError) && !error_is(t, PyExc_UnicodeError) &&
        !error_is(t, PyExc_SyntaxError)) {
        failure.kind = Diagnostic::Kind::kExternal;
        return Decoder::Result::kFailed;
    }
    Ref exc = fetch_error(t);
    Ref text = str(t, exc);
    if (!text) {
        failure.kind = Diagnostic::Kind::kExternal;
        return Decoder::Result::kFailed;
    }
    failure.kind = Diagnostic::Kind::kSyntaxError;
    failure.message = str_utf8_or(text, "?");
    return result;
}

// The lines of a file up to the one with the cookie, which a fault is placed at.
bool decode_head(Thread& t, std::string_view encoding, std::string_view head, std::string& utf8,
                 Diagnostic& failure) {
    std::string name(encoding);
    Ref decoded = decode(t, head.data(), head.size(), name.c_str(), nullptr);
    krait::Result<std::string_view> text = decoded ? str_utf8(t, decoded) : krait::Result<std::string_view>();
    if (text) {
        utf8.assign(text.value());
        return true;
    }
    decoding_failed(t, failure, Decoder::Result::kFailed);
    if (failure.kind == Diagnostic::Kind::kExternal) return false;
    size_t begin = head.rfind('\n');
    begin = begin == head.npos ? 0 : begin + 1;
    failure.message = "(unicode error) " + failure.message;
    failure.line = failure.end_line = begin ? 2 : 1;
    failure.column = 0;
    failure.has_text = true;
    failure.text = decode_leniently(t, std::string(head.substr(begin)), name) + "\n";
    return false;
}

// A file from the end of its cookie's line on, as the io module reads it: what cannot be decoded is found
// where it stands in a block.
Decoder::Result decode_file(Thread& t, std::string_view encoding, std::string_view bytes, size_t from,
                            std::string& utf8, Diagnostic& failure) {
    using Result = Decoder::Result;
    Ref rest = bytes_from(t, bytes.substr(from)), name = str_from(t, encoding);
    Ref buffer = rest ? import_attr(t, "_io", "BytesIO") : Ref();
    if (buffer) buffer = call(t, buffer, {rest});
    Ref reader = buffer && name ? import_attr(t, "_io", "TextIOWrapper") : Ref();
    if (reader) reader = call(t, reader, {buffer, name});
    if (!reader) return decoding_failed(t, failure, Result::kFailed);
    for (bool first = true;; first = false) {
        Ref line = call_method(t, reader, "readline");
        krait::Result<std::string_view> text = line ? str_utf8(t, line) : krait::Result<std::string_view>();
        if (!text) return decoding_failed(t, failure, first ? Result::kFailed : Result::kStopped);
        if (first && !decode_head(t, encoding, bytes.substr(0, from), utf8, failure)) return Result::kFailed;
        if (text.value().empty()) return Result::kDecoded;
        utf8 += text.value();
    }
}

// Source encodings beyond those the front end knows: the codec registry's.
Decoder::Result decode_source(void* context, std::string_view encoding, std::string_view bytes, size_t from,
                              std::string& utf8, Diagnostic& failure) {
    WithoutWayOut python;
    auto& t = *static_cast<Thread*>(context);
    if (from) return decode_file(t, encoding, bytes, from, utf8, failure);
    std::string name(encoding);
    Ref text = decode(t, bytes.data(), bytes.size(), name.c_str(), nullptr);
    if (text && !is_str(text)) {
        text.reset();
        raise(t, PyExc_TypeError, "decoder did not return a string object");
    }
    Result<std::string_view> out = text ? str_utf8(t, text) : Result<std::string_view>();
    if (!out) return decoding_failed(t, failure, Decoder::Result::kFailed);
    utf8.assign(out.value());
    return Decoder::Result::kDecoded;
}

PyTypeObject* exception_type(Diagnostic::Kind kind) {
    switch (kind) {
        case Diagnostic::Kind::kIndentationError:
            return PyExc_IndentationError;
        case Diagnostic::Kind::kTabError:
            return PyExc_TabError;
        case Diagnostic::Kind::kIncompleteInput:
            return PyExc__IncompleteInputError;
        case Diagnostic::Kind::kUnicodeError:
            return PyExc_UnicodeEncodeError;
        case Diagnostic::Kind::kValueError:
            return PyExc_ValueError;
        case Diagnostic::Kind::kOverflowError:
            return PyExc_OverflowError;
        case Diagnostic::Kind::kMemoryError:
            return PyExc_MemoryError;
        case Diagnostic::Kind::kRecursionError:
            return PyExc_RecursionError;
        case Diagnostic::Kind::kSystemError:
            return PyExc_SystemError;
        default:
            return PyExc_SyntaxError;
    }
}

Ref line_text(Thread& t, const Diagnostic& d, Value filename) {
    if (d.has_text) {
        if (utf8::valid(d.text)) return str_from_wtf8(t, d.text.data(), d.text.size());
        std::string text = decode_replacing(d.text);
        return str_from_wtf8(t, text.data(), text.size());
    }
    if (!d.message_only_args && d.kind != Diagnostic::Kind::kSyntaxError) return none_ref();
    std::string text, encoding;
    if (d.line > 0 && line_of_file(str_utf8_or(filename, ""), static_cast<size_t>(d.line), text, &encoding)) {
        text = decode_leniently(t, text, encoding);
        return str_from_wtf8(t, text.data(), text.size());
    }
    return none_ref();
}

// Places that CPython sets as attributes on an exception whose arguments are the message alone.
Status set_place(Thread& t, Value exc, const Diagnostic& d, Value filename) {
    auto* e = exc.as<PySyntaxErrorObject>();
    set_field(e->filename, filename);
    set_field(e->lineno, Value::from_int(d.line));
    set_field(e->offset, Value::from_int(d.column));
    set_field(e->end_lineno, d.end_unknown ? none() : Value::from_int(d.end_line));
    set_field(e->end_offset, d.end_unknown ? none() : Value::from_int(d.end_column));
    Ref text = TRY(line_text(t, d, filename));
    set_field(e->text, text);
    return Status::ok();
}

// A docstring that UTF-8 cannot hold.
Raised raise_unencodable(Thread& t, const Diagnostic& d) {
    Ref encoding = str_from(t, "utf-8"), text = str_from_wtf8(t, d.text.data(), d.text.size());
    Ref reason = str_from(t, "surrogates not allowed");
    if (!encoding || !text || !reason) return {};
    Ref exc = call(t, Value(PyExc_UnicodeEncodeError),
                   {encoding, text, Value::from_int(d.column), Value::from_int(d.end_column), reason});
    if (!exc) return {};
    return raise_object(t, exc);
}

Raised raise_diagnostic(Thread& t, const Diagnostic& d, Value filename) {
    if (d.kind == Diagnostic::Kind::kExternal) {
        if (!occurred(t)) raise(t, PyExc_SystemError, "compiler failed without an exception");
        return {};
    }
    if (d.kind == Diagnostic::Kind::kUnicodeError) return raise_unencodable(t, d);
    if (d.kind == Diagnostic::Kind::kUndecodable) {
        Ref text = str_from(t, d.text);  // raises
        return {};
    }
    PyTypeObject* type = exception_type(d.kind);
    Ref message = str_from_wtf8(t, d.message.data(), d.message.size());
    if (!message) return {};
    if (!is_subtype(type, PyExc_SyntaxError) || !d.has_location) {
        if (d.kind == Diagnostic::Kind::kMemoryError && d.message.empty()) return raise_no_memory(t);
        return raise_value(t, type, message);
    }
    if (d.message_only_args) {
        Ref exc = call(t, Value(type), {message});
        if (!exc || !set_place(t, exc, d, filename)) return {};
        return raise_object(t, exc);
    }
    Ref text = d.short_location ? none_ref() : line_text(t, d, filename);
    if (!text) return {};
    Value file = d.has_filename ? filename : none();
    Ref details;
    if (d.short_location)
        details = tuple_of(t, {file, Value::from_int(d.line), Value::from_int(d.column), text});
    else
        details = tuple_of(t, {file, Value::from_int(d.line), Value::from_int(d.column), text,
                               d.end_unknown ? none() : Value::from_int(d.end_line),
                               d.end_unknown ? none() : Value::from_int(d.end_column)});
    if (!details) return {};
    Ref exc = call(t, Value(type), {message, details});
    if (!exc) return {};
    if (!d.has_filename) set_field(exc.as<PySyntaxErrorObject>()->filename, filename);
    return raise_object(t, exc);
}

ParseMode parse_mode(CompileMode mode) {
    switch (mode) {
        case CompileMode::Exec:
            return ParseMode::kExec;
        case CompileMode::Eval:
            return ParseMode::kEval;
        case CompileMode::Single:
            return ParseMode::kSingle;
        case CompileMode::FuncType:
            return ParseMode::kFuncType;
    }
    return ParseMode::kExec;
}

// What the front end may use of the C++ stack from here on.
size_t stack_left(Thread& t) {
    char* here = static_cast<char*>(__builtin_frame_address(0));
    size_t left = here > t.c_stack_limit ? static_cast<size_t>(here - t.c_stack_limit) : 0;
    return left > 64 * 1024 ? left - 64 * 1024 : 0;
}

// The bytes to parse; false with an exception set.
bool source_bytes(Thread& t, const CompileRequest& r, std::string_view& out) {
    if (is_str(r.source)) {
        Result<std::string_view> utf8 = str_utf8(t, r.source);
        if (!utf8) return false;
        out = utf8.value();
    } else {
        out = bytes_view(r.source);
    }
    if (r.from_file || out.find('\0') == std::string_view::npos) return true;
    raise(t, PyExc_SyntaxError, "source code string cannot contain null bytes");
    return false;
}

}  // namespace

bool CompilerWarnings::warn(const Diagnostic& d) {
    WithoutWayOut python;
    PyTypeObject* category =
        d.kind == Diagnostic::Kind::kDeprecationWarning ? PyExc_DeprecationWarning : PyExc_SyntaxWarning;
    if (issue(category, d)) return true;
    // A filter that makes an error of it: the compiler raises a SyntaxError in its place.
    external_ = !clear_if(t_, category);
    return false;
}

bool PythonNames::normalize(std::string_view name, std::string& out) {
    if (!t_.interp->importlib) {  // before there are modules
        out = unicode::nfkc(name);
        return true;
    }
    if (!function_) function_ = import_attr(t_, "unicodedata", "normalize");
    Ref form = str_from(t_, "NFKC"), text = str_from(t_, name);
    Ref made = function_ && form && text ? call(t_, function_, {form, text}) : Ref();
    if (!made) return false;
    if (!is_str_exact(made)) {
        raise(t_, PyExc_TypeError, "unicodedata.normalize() must return a string, not %T", made.get());
        return false;
    }
    Result<std::string_view> utf8 = str_utf8(t_, made);
    if (utf8) out = utf8.value();
    return static_cast<bool>(utf8);
}

bool PythonNames::has_character_names() { return character_names_ready(t_); }

Status CompilerWarnings::issue(PyTypeObject* category, const Diagnostic& d) {
    if (!t_.interp->modules) return Status::ok();
    Ref fn = import_attr(t_, "_warnings", "warn_explicit");
    if (!fn) {
        // Before the import system is up nobody can be warned.
        if (clear_if(t_, PyExc_ImportError)) return Status::ok();
        return {};
    }
    Ref message = TRY(str_from(t_, d.message));
    TRY_DISCARD(call(t_, fn, {message, Value(category), filename_, Value::from_int(d.line)}));
    return Status::ok();
}

Compilation::Compilation(Thread& t, const CompileRequest& r)
    : t_(t), r_(r), warnings_(t, r.filename), names_(t) {
    Result<std::string_view> filename = str_utf8(t, r.filename);
    if (filename) {
        filename_.assign(filename.value());
    } else {
        clear_error(t);
        filename_ = "?";
    }
}

Ref Compilation::from_source() {
    ast::ModNode* module = parse_source();
    if (!module) return {};
    if (!(r_.flags & kOnlyAst)) return code(module);
    return tree(module);
}

Ref Compilation::from_objects() {
    if ((r_.flags & kOptimizedAst) == kOnlyAst) {
        TRY(check_ast_root(t_, r_.source, r_.mode));
        return Ref::share(r_.source);
    }
    ast::ModNode* module = tree_from_objects();
    if (!module) return {};
    if (r_.flags & kOnlyAst) return tree(module);
    return code(module);
}

ast::ModNode* Compilation::tree_from_objects() {
    if (!check_ast_root(t_, r_.source, r_.mode)) return nullptr;
    ast::ModNode* module = ast_from_objects(t_, r_.source, arena_, identifiers_);
    if (!module) return nullptr;
    if (ast::Fault fault = ast::validate(module, stack_left(t_))) {
        raise_fault(fault);
        return nullptr;
    }
    return module;
}

Raised Compilation::raise_fault(const ast::Fault& fault) {
    PyTypeObject* type = fault.kind == ast::Fault::Kind::kTypeError        ? PyExc_TypeError
                         : fault.kind == ast::Fault::Kind::kRecursionError ? PyExc_RecursionError
                                                                           : PyExc_ValueError;
    return raise(t_, type, "%s", fault.message.c_str());
}

int Compilation::optimize() const { return r_.optimize >= 0 ? r_.optimize : optimization_level(t_); }

Ref Compilation::tree(ast::ModNode* module) {
    Diagnostic failure;
    FutureFeatures future;
    if (!find_future_features(module, future, failure)) return raise_diagnostic(t_, failure, r_.filename);
    if ((r_.flags & kOptimizedAst) == kOptimizedAst && module->kind != ast::Kind::FunctionType) {
        PreprocessOptions options;  // without warnings: they come when the tree is compiled
        options.future_flags = (r_.flags & kFutureMask) | future.flags;
        options.optimize = optimize();
        options.filename = filename_;
        bool good = false;
        if (!with_memory([&] { good = preprocess(arena_, identifiers_, module, options, failure); }))
            return raise_no_memory(t_);
        if (!good) return raise_diagnostic(t_, failure, r_.filename);
    }
    return ast_to_objects(t_, module);
}

const CodeObject* Compilation::plain_code(ast::ModNode* module, UnitSink* sink) {
    CompileOptions options;
    options.filename = filename_;
    options.future_flags = r_.flags & kFutureMask;
    options.allow_top_level_await = r_.flags & kAllowTopLevelAwait;
    options.optimize = optimize();
    options.warnings = warn_;
    CompileResult result;
    bool enough = with_memory([&] {
        result = sink ? compile(arena_, identifiers_, module, options, *sink)
                      : compile(arena_, identifiers_, module, options);
    });
    if (!enough) {
        raise_no_memory(t_);
        return nullptr;
    }
    if (!result.code) raise_diagnostic(t_, result.failure, r_.filename);
    return result.code;
}

Ref Compilation::code(ast::ModNode* module) {
    const CodeObject* plain = plain_code(module, nullptr);
    return plain ? code_from_plain(t_, *plain) : Ref();
}

std::unique_ptr<SymbolTable> Compilation::symbols() {
    ast::ModNode* module = parse_source();
    return module ? symbols_of(module) : nullptr;
}

std::unique_ptr<SymbolTable> Compilation::symbols_of(ast::ModNode* module) {
    Diagnostic failure;
    SymbolTableOptions options;
    std::unique_ptr<SymbolTable> table;
    if (find_future_features(module, options.future, failure)) {
        options.future.flags |= r_.flags & kFutureMask;
        bool enough =
            with_memory([&] { table = build_symbol_table(module, identifiers_, options, failure); });
        if (!enough) {
            raise_no_memory(t_);
            return nullptr;
        }
    }
    if (!table) raise_diagnostic(t_, failure, r_.filename);
    return table;
}

// Where the module traceback looks for a misspelled keyword: the place and the text, None for that of a file.
void Compilation::set_metadata(const Diagnostic& d, std::string_view source) {
    if (!error_is(t_, PyExc_SyntaxError)) return;
    Ref exc = fetch_error(t_);
    Ref text = source.empty() ? none_ref() : str_from_wtf8(t_, source.data(), source.size());
    Ref metadata =
        text ? tuple_of(t_, {Value::from_int(d.metadata_line), Value::from_int(d.metadata_column), text})
             : Ref();
    if (metadata) set_field(exc.as<PySyntaxErrorObject>()->metadata, metadata);
    clear_error(t_);
    restore_error(t_, std::move(exc));
}

ast::ModNode* Compilation::parse_source() {
    std::string_view bytes;
    if (!source_bytes(t_, r_, bytes)) return nullptr;
    Diagnostic failure;
    SourceOptions source_options;
    source_options.origin = is_str(r_.source) || (r_.flags & kSourceIsUtf8) ? SourceOrigin::kStr
                            : r_.from_file                                  ? SourceOrigin::kFile
                                                                            : SourceOrigin::kBytes;
    source_options.add_newline = r_.mode == CompileMode::Exec || r_.from_file;
    source_options.filename = filename_;
    source_options.decoder = {decode_source, &t_};
    bool loaded = false;
    if (!with_memory([&] { loaded = source_.load(bytes, source_options, failure); })) {
        raise_no_memory(t_);
        return nullptr;
    }
    if (!loaded) {
        raise_diagnostic(t_, failure, r_.filename);
        return nullptr;
    }
    FileLines lines(t_, filename_, source_.encoding());
    ParseOptions options;
    options.mode = parse_mode(r_.mode);
    options.type_comments = r_.flags & kTypeComments;
    options.barry = r_.flags & kCodeFutureBarryAsBdfl;
    options.allow_incomplete = r_.flags & kAllowIncompleteInput;
    options.imply_dedent = !(r_.flags & kDontImplyDedent);
    if (r_.feature_version >= 0) options.feature_version = r_.feature_version;
    options.max_int_digits = t_.interp->int_max_str_digits;
    options.warnings = warn_;
    options.lines = &lines;
    options.names = &names_;
    options.unchecked_text = !is_str(r_.source) && (r_.flags & kSourceIsUtf8) && !utf8::valid(bytes);
    options.stack_size = stack_left(t_);
    ParseResult parsed;
    if (!with_memory([&] { parsed = parse(arena_, identifiers_, source_, options); })) {
        raise_no_memory(t_);
        return nullptr;
    }
    if (!parsed.module) {
        raise_diagnostic(t_, parsed.error, r_.filename);
        if (parsed.error.has_metadata) set_metadata(parsed.error, r_.from_file ? "" : source_.text());
    }
    return parsed.module;
}

}  // namespace krait
