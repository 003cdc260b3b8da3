// The module pyexpat: parsers of libexpat as objects.
#pragma once

#define XML_DTD 1  // what the library was built with: shows all of its functions
#include <expat.h>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "modules/fields.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait::pyexpat {

// Every handler: attribute (without "Handler"), and the line that CPython's tracebacks show for it.
#define PYEXPAT_HANDLERS(X)       \
    X(StartElement, 514)          \
    X(EndElement, 582)            \
    X(ProcessingInstruction, 586) \
    X(CharacterData, 377)         \
    X(UnparsedEntityDecl, 592)    \
    X(NotationDecl, 737)          \
    X(StartNamespaceDecl, 747)    \
    X(EndNamespaceDecl, 754)      \
    X(Comment, 759)               \
    X(StartCdataSection, 763)     \
    X(EndCdataSection, 767)       \
    X(Default, 771)               \
    X(DefaultHandlerExpand, 775)  \
    X(NotStandalone, 780)         \
    X(ExternalEntityRef, 784)     \
    X(StartDoctypeDecl, 800)      \
    X(EndDoctypeDecl, 808)        \
    X(EntityDecl, 604)            \
    X(XmlDecl, 621)               \
    X(ElementDecl, 700)           \
    X(AttlistDecl, 715)           \
    X(SkippedEntity, 729)

enum Handler : int {
#define X(name, line) k##name,
    PYEXPAT_HANDLERS(X)
#undef X
        kHandlers
};

struct Parser {
    PyObject ob_base;
    XML_Parser expat;
    bool ordered_attributes, specified_attributes, namespace_prefixes, in_callback, reparse_deferral;
    char* buffer;  // character data held back while buffer_text is on; from mem_alloc
    int buffer_size, buffer_used;
    Value intern;               // dict of names or empty; owned
    Value parent;               // of a parser of an external entity: expat needs it alive; owned
    Value handlers[kHandlers];  // owned; empty: none
};
inline Parser* as_parser(Value v) { return v.as<Parser>(); }

struct State {
    Value error, parser_type;  // owned
    // Of newer versions of the library; null where this one does not have them.
    XML_Bool (*set_reparse_deferral)(XML_Parser, XML_Bool);
    XML_Bool (*set_alloc_threshold)(XML_Parser, unsigned long long);
    XML_Bool (*set_alloc_amplification)(XML_Parser, float);
};
extern State g_state;

// handlers.cpp
void install_handler(Parser* p, int which, bool on);
void ignore_character_data(Parser* p);
Status flush_text(Thread& t, Parser* p);
void drop_handlers(Parser* p, bool tell_expat);
// After an exception in a handler: nothing is called any more.
void stop_handlers(Parser* p);
int unknown_encoding(void* user, const XML_Char* name, XML_Encoding* info);

// parser.cpp
Status init_parser_type(Thread& t, Value module);
Ref parser_new(Thread& t, Value encoding, Value separator, Value intern);
Raised raise_expat_error(Thread& t, Parser* p, int code, const char* message_or_null);
// The text of an error code, also of codes this library does not know; null for none.
const char* error_text(int code);

}  // namespace krait::pyexpat
