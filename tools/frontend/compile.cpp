#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "compiler/codegen.h"
#include "compiler/dump.h"
#include "frontend.h"
#include "parser/parser.h"
#include "symtable/dump.h"

namespace krait::frontend {

namespace {

struct Sink : WarningSink {
    std::string out;
    bool warn(const Diagnostic& warning) override {
        bool syntax = warning.kind == Diagnostic::Kind::kSyntaxWarning;
        out += syntax ? "SyntaxWarning " : "DeprecationWarning ";
        out += std::to_string(warning.line) + " " + quoted(warning.message) + "\n";
        return true;
    }
};

struct Job {
    ParseOptions parse;
    int optimize = 0;
    bool quiet = false;
    bool top_level_await = false;
    bool show_warnings = false;
    const char* path = "";
    SourceOrigin origin = SourceOrigin::kBytes;
};

// ---- instructions as they leave the code generator ----

class InstructionDump : public UnitSink {
  public:
    explicit InstructionDump(Arena& arena, std::string_view filename) : arena_(arena), filename_(filename) {}

    void begin() override { open_.emplace_back(); }

    const CodeObject* finish(CodeUnit& unit, Diagnostic& failure) override {
        std::string text = "unit " + std::string(unit.name) + "\n";
        for (int i = 0; i < unit.instrs.size(); i++) {
            const Instr& instr = unit.instrs[i];
            const OpInfo& info = op_info(instr.op);
            text += info.name;
            if (has_target(instr.op)) {
                text += " " + std::to_string(unit.instrs.label_target({instr.arg}));
            } else if ((info.flags & opflag::kArg) != 0) {
                text += " " + std::to_string(instr.arg);
            } else {
                text += " None";
            }
            const Location& l = instr.loc;
            for (int n : {l.line, l.end_line, l.col, l.end_col}) text += " " + std::to_string(n);
            text += "\n";
        }
        std::vector<std::string> nested = std::move(open_.back());
        open_.pop_back();
        // What a module's annotations make is not among the oracle's nested units.
        if (unit.instrs.annotations() != nullptr) nested.pop_back();
        text += "{\n";
        for (const std::string& n : nested) text += n;
        text += "}\n";
        if (open_.empty()) {
            out = std::move(text);
        } else {
            open_.back().push_back(std::move(text));
        }
        const char* error = nullptr;
        const CodeObject* code = assemble(arena_, unit, filename_, &error);
        if (code == nullptr) {
            failure.kind = Diagnostic::Kind::kValueError;
            failure.has_location = false;
            failure.message = error != nullptr ? error : "?";
        }
        return code;
    }

    std::string out;

  private:
    Arena& arena_;
    std::string_view filename_;
    std::vector<std::vector<std::string>> open_;
};

// ---- the jobs ----

enum class Output { kSymtable, kCodegen, kBytecode, kErrors };

std::string run(std::string_view bytes, const Job& job, Output output) {
    SourceText source;
    Diagnostic failure;
    SourceOptions source_options;
    source_options.origin = job.origin;
    source_options.filename = job.path;
    source_options.decoder = iconv_decoder();
    source_options.add_newline = job.parse.mode == ParseMode::kExec;
    if (!source.load(bytes, source_options, failure)) return describe(failure) + "\n";
    Sink warnings;
    Arena arena;
    IdentifierTable identifiers(arena);
    ParseOptions parse_options = job.parse;
    if (job.show_warnings) parse_options.warnings = &warnings;
    ParseResult parsed = parse(arena, identifiers, source, parse_options);
    if (parsed.module == nullptr) return warnings.out + describe(parsed.error) + "\n";

    std::string out;
    if (output == Output::kSymtable) {
        SymbolTableOptions options;
        if (!find_future_features(parsed.module, options.future, failure)) return describe(failure) + "\n";
        auto table = build_symbol_table(parsed.module, identifiers, options, failure);
        if (table == nullptr) return describe(failure) + "\n";
        dump_symbols(table->top(), out);
        return out;
    }
    CompileOptions options;
    options.filename = job.path;
    options.optimize = job.optimize;
    options.allow_top_level_await = job.top_level_await;
    if (job.show_warnings) options.warnings = &warnings;
    CompileResult result;
    if (output == Output::kCodegen) {
        InstructionDump dump(arena, job.path);
        result = compile(arena, identifiers, parsed.module, options, dump);
        out = std::move(dump.out);
    } else {
        result = compile(arena, identifiers, parsed.module, options);
        if (result.code != nullptr && output == Output::kBytecode && !job.quiet)
            dump_fields(result.code, out);
    }
    if (result.code == nullptr) out = describe(result.failure) + "\n";
    if (output == Output::kErrors && result.code != nullptr) out = "ok\n";
    return warnings.out + out;
}

bool flag(const char* argument, Job& job) {
    if (std::strcmp(argument, "-O") == 0) {
        job.optimize = 1;
    } else if (std::strcmp(argument, "-OO") == 0) {
        job.optimize = 2;
    } else if (std::strcmp(argument, "--await") == 0) {
        job.top_level_await = true;
    } else if (std::strcmp(argument, "--quiet") == 0) {
        job.quiet = true;
    } else if (std::strcmp(argument, "--exec") == 0) {
        job.parse.mode = ParseMode::kExec;
    } else if (std::strcmp(argument, "--eval") == 0) {
        job.parse.mode = ParseMode::kEval;
    } else if (std::strcmp(argument, "--single") == 0) {
        job.parse.mode = ParseMode::kSingle;
    } else {
        return false;
    }
    return true;
}

int files(int argc, char** argv, Output output) {
    Job job;
    int status = 0;
    for (int i = 1; i < argc; i++) {
        if (flag(argv[i], job)) continue;
        std::string bytes;
        if (!read_file(argv[i], bytes)) {
            status = 1;
            continue;
        }
        job.path = argv[i];
        std::string out = run(bytes, job, output);
        if (!job.quiet || out.starts_with("error")) std::printf("== %s\n%s", argv[i], out.c_str());
    }
    return status;
}

}  // namespace

int command_symtable(int argc, char** argv) { return files(argc, argv, Output::kSymtable); }
int command_codegen(int argc, char** argv) { return files(argc, argv, Output::kCodegen); }
int command_bytecode(int argc, char** argv) { return files(argc, argv, Output::kBytecode); }

int command_compile_errors(int argc, char** argv) {
    Job job;
    job.show_warnings = true;
    job.path = "f";
    job.origin = SourceOrigin::kStr;
    std::string bundle;
    int last = argc - 1;
    for (int i = 1; i < last; i++) flag(argv[i], job);
    if (argc < 2 || !read_file(argv[last], bundle)) return 2;
    for (size_t at = 0; at < bundle.size();) {
        char* digits_end;
        size_t size = std::strtoull(bundle.c_str() + at, &digits_end, 10);
        at = static_cast<size_t>(digits_end + 1 - bundle.c_str());
        std::printf("==\n%s", run(std::string_view(bundle).substr(at, size), job, Output::kErrors).c_str());
        at += size;
    }
    return 0;
}

}  // namespace krait::frontend
