// One run of the front end for the runtime: what all its stages need, and the way of its diagnostics into
// exceptions and warnings.
#pragma once

#include <memory>
#include <string>

#include "ast/identifier.h"
#include "ast/nodes.h"
#include "ast/validate.h"
#include "object/errors.h"
#include "runtime/hooks.h"
#include "source/diagnostic.h"
#include "source/source-text.h"
#include "support/arena.h"
#include "symtable/symtable.h"

namespace krait {

class UnitSink;

// SyntaxWarnings and DeprecationWarnings to the module warnings.
class CompilerWarnings : public WarningSink {
  public:
    CompilerWarnings(Thread& t, Value filename) : t_(t), filename_(filename) {}
    bool warn(const Diagnostic& d) override;
    bool external() const override { return external_; }

  private:
    Status issue(PyTypeObject* category, const Diagnostic& d);

    Thread& t_;
    Value filename_;
    bool external_ = false;
};

// By unicodedata.normalize(), as it is found at the first name of a compilation that needs it.
class PythonNames : public NameNormalizer {
  public:
    explicit PythonNames(Thread& t) : t_(t) {}
    bool normalize(std::string_view name, std::string& out) override;
    bool has_character_names() override;

  private:
    Thread& t_;
    Ref function_;
};

// Failures (null, empty) have set an exception.
class Compilation {
  public:
    Compilation(Thread& t, const CompileRequest& r);

    Ref from_source();   // a code object, or a tree when the flags say so
    Ref from_objects();  // the same; the source is an AST object
    std::unique_ptr<SymbolTable> symbols();

    // Single stages.
    ast::ModNode* parse_source();
    ast::ModNode* tree_from_objects();  // validated
    std::unique_ptr<SymbolTable> symbols_of(ast::ModNode* module);
    const CodeObject* plain_code(ast::ModNode* module, UnitSink* sink);  // null sink: assembled
    const std::string& filename() const { return filename_; }
    SourceText& source() { return source_; }
    Arena& arena() { return arena_; }
    void without_warnings() { warn_ = nullptr; }

  private:
    void set_metadata(const Diagnostic& d, std::string_view source);
    Ref tree(ast::ModNode* module);
    Ref code(ast::ModNode* module);
    Raised raise_fault(const ast::Fault& fault);
    int optimize() const;

    Thread& t_;
    const CompileRequest& r_;
    std::string filename_;
    Arena arena_;
    IdentifierTable identifiers_{arena_};
    CompilerWarnings warnings_;
    PythonNames names_;
    WarningSink* warn_ = &warnings_;
    SourceText source_;
};

}  // namespace krait
