#include "compiler/codegen.h"

namespace krait {

namespace {

class Assembler : public UnitSink {
  public:
    Assembler(Arena& arena, std::string_view filename) : arena_(arena), filename_(filename) {}

    const CodeObject* finish(CodeUnit& unit, Diagnostic& failure) override {
        const char* error = nullptr;
        const CodeObject* code = assemble(arena_, unit, filename_, &error);
        if (code == nullptr) {
            failure = Diagnostic{};
            failure.kind = Diagnostic::Kind::kSystemError;
            failure.has_location = false;
            failure.message = error != nullptr ? error : "cannot assemble code";
        }
        return code;
    }

  private:
    Arena& arena_;
    std::string_view filename_;
};

}  // namespace

CompileResult compile(Arena& arena, IdentifierTable& identifiers, ast::ModNode* module,
                      const CompileOptions& options) {
    CompileOptions own = options;
    own.filename = arena.copy(options.filename);
    Assembler assembler(arena, own.filename);
    return compile(arena, identifiers, module, own, assembler);
}

CompileResult compile(Arena& arena, IdentifierTable& identifiers, ast::ModNode* module,
                      const CompileOptions& options, UnitSink& sink) {
    CompileResult result;
    SymbolTableOptions symbol_options;
    symbol_options.allow_top_level_await = options.allow_top_level_await;
    if (!find_future_features(module, symbol_options.future, result.failure)) return result;
    symbol_options.future.flags |= options.future_flags;

    PreprocessOptions preprocessing;
    preprocessing.optimize = options.optimize;
    preprocessing.future_flags = symbol_options.future.flags;
    preprocessing.warnings = options.warnings;
    if (!preprocess(arena, identifiers, module, preprocessing, result.failure)) return result;

    std::unique_ptr<SymbolTable> symbols =
        build_symbol_table(module, identifiers, symbol_options, result.failure);
    if (symbols == nullptr) return result;
    CodeGenerator generator(arena, identifiers, *symbols, sink, options, result.failure);
    result.code = generator.generate(module);
    return result;
}

}  // namespace krait
