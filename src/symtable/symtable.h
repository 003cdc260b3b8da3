#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "ast/nodes.h"
#include "source/diagnostic.h"
#include "symtable/future.h"
#include "symtable/identifier-map.h"

// Which names each block of a program binds and uses, and where they live: in the block, in an enclosing
// function (free, cell), or in the module (global). Built in two walks: one over the AST collects the names
// of every block, one over the blocks decides their scopes.
namespace krait {

// What a block says about a name. The values are those of Python's `_symtable` module.
enum SymbolFlag : uint32_t {
    kDefGlobal = 1,        // `global` statement
    kDefLocal = 2,         // assigned
    kDefParam = 4,         // parameter
    kDefNonlocal = 8,      // `nonlocal` statement
    kUse = 16,             // read
    kDefFreeClass = 64,    // free in a method, bound in the class
    kDefImport = 128,      // by import
    kDefAnnot = 256,       // annotated
    kDefCompIter = 512,    // iteration variable of a comprehension
    kDefTypeParam = 1024,  // type parameter
    kDefCompCell = 2048,   // a cell in an inlined comprehension
    kDefBound = kDefLocal | kDefParam | kDefImport,
};
constexpr int kScopeShift = 12;
constexpr uint32_t kScopeMask = 15;

// Where a name lives; stored above the flags.
enum class NameScope : uint8_t {
    kUnknown = 0,
    kLocal = 1,
    kGlobalExplicit = 2,
    kGlobalImplicit = 3,
    kFree = 4,
    kCell = 5,
};
inline NameScope scope_of(uint32_t symbol) {
    return static_cast<NameScope>((symbol >> kScopeShift) & kScopeMask);
}

// The values are those of Python's `_symtable` module.
enum class BlockType : uint8_t {
    kFunction,
    kClass,
    kModule,
    kAnnotation,
    kTypeAlias,
    kTypeParameters,
    kTypeVariable,
};

enum class ComprehensionKind : uint8_t { kNone, kList, kDict, kSet, kGenerator };

struct Directive {  // a global or nonlocal declaration, kept to place errors found later
    const Identifier* name;
    ast::Position position;
};

struct SymbolBlock {
    uint64_t id = 0;  // unique in its table
    const Identifier* name = nullptr;
    BlockType type = BlockType::kModule;
    ast::Position position;
    IdentifierMap<uint32_t> symbols;          // SymbolFlag bits and the scope
    std::vector<const Identifier*> varnames;  // parameters, in order of their visit
    std::vector<SymbolBlock*> children;
    std::vector<Directive> directives;
    // For annotation blocks of functions: the function's name, else null.
    const Identifier* function_name = nullptr;
    // The block of the annotations of a module, class or function body, made when the first one is met.
    SymbolBlock* annotation_block = nullptr;
    // Names that private name mangling applies to, in the type parameter blocks of a class; else null (all).
    std::shared_ptr<IdentifierSet> mangled_names;
    // What a type variable block is, for messages ("a TypeVar bound").
    const char* scope_info = nullptr;

    ComprehensionKind comprehension = ComprehensionKind::kNone;
    bool nested = false;
    bool generator = false;
    bool coroutine = false;
    bool is_async_def = false;  // of an async def statement
    bool varargs = false;
    bool varkeywords = false;
    bool returns_value = false;
    bool annotations_used = false;
    bool needs_class_closure = false;  // class: a method uses __class__ or super
    bool needs_classdict = false;      // class: an annotation scope uses __classdict__
    bool has_conditional_annotations = false;
    bool in_conditional_block = false;
    bool in_unevaluated_annotation = false;
    bool comp_inlined = false;
    bool comp_iter_target = false;
    bool can_see_class_scope = false;
    bool method = false;  // a function directly in a class
    bool has_docstring = false;
    int comp_iter_expr = 0;

    bool is_function_like() const { return type != BlockType::kClass && type != BlockType::kModule; }
    uint32_t symbol(const Identifier* mangled) const { return symbols.get(mangled, 0); }
    NameScope scope(const Identifier* mangled) const { return scope_of(symbol(mangled)); }
};

class SymbolTable;
struct SymbolTableOptions;

// The table of a module (of any `mod` kind but FunctionType). Null: `failure` says why.
std::unique_ptr<SymbolTable> build_symbol_table(const ast::ModNode* module, IdentifierTable& identifiers,
                                                const SymbolTableOptions& options, Diagnostic& failure);

class SymbolTable {
  public:
    SymbolTable() = default;
    SymbolTable(const SymbolTable&) = delete;
    SymbolTable& operator=(const SymbolTable&) = delete;

    SymbolBlock* top() const { return top_; }
    // The block of a node: module, function, class, lambda, comprehension, generic's type parameters and so
    // on; null when there is none. Nodes with two blocks tell them apart by `slot`.
    enum Slot : uint8_t { kBody, kTypeParams, kDefault };
    SymbolBlock* block_of(const ast::Node* node, Slot slot = kBody) const;
    const FutureFeatures& future() const { return future_; }

  private:
    friend class SymbolTableBuilder;
    friend std::unique_ptr<SymbolTable> build_symbol_table(const ast::ModNode*, IdentifierTable&,
                                                           const SymbolTableOptions&, Diagnostic&);
    std::vector<std::unique_ptr<SymbolBlock>> blocks_;
    std::unordered_map<uint64_t, SymbolBlock*> by_node_;
    SymbolBlock* top_ = nullptr;
    FutureFeatures future_;
};

struct SymbolTableOptions {
    FutureFeatures future;  // of the module, found already
    bool allow_top_level_await = false;
};

// `__name` as it is known in class `private_name` (may be null: no mangling).
const Identifier* mangle(IdentifierTable& identifiers, const Identifier* private_name,
                         const Identifier* name);
// The same, where the block limits mangling to some names.
const Identifier* maybe_mangle(IdentifierTable& identifiers, const Identifier* private_name,
                               const SymbolBlock* block, const Identifier* name);

}  // namespace krait
