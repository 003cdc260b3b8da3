// Writing marshal data.
#include <algorithm>
#include <cstring>
#include <string>
#include <unordered_map>
#include <vector>

#include "builtins/bytes.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/set.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "gc/room.h"
#include "interp/code.h"
#include "object/protocol.h"
#include "runtime/marshal.h"
#include "runtime/marshal_internal.h"

namespace krait {
namespace {

class Writer {
  public:
    Writer(Thread& t, int version, bool allow_code) : t_(t), version_(version), allow_code_(allow_code) {}
    // `ours`: how many references the writer itself holds, which do not count as sharing.
    Status object(Value v, int ours = 0);
    std::string out;

  private:
    Status complex_object(Value v, char flag);
    enum class Seen { kNew, kWritten, kOpen };
    // Writes a reference to an object that was written before; otherwise says how to flag it.
    Seen reference(Value v, int ours, char* flag);
    void byte(int c) { out += static_cast<char>(c); }
    void put_long(int64_t v) {
        auto x = static_cast<uint32_t>(v);
        out.append(reinterpret_cast<const char*>(&x), 4);
    }
    void put_short(int v) {
        auto x = static_cast<uint16_t>(v);
        out.append(reinterpret_cast<const char*>(&x), 2);
    }
    void put_double(double d) { out.append(reinterpret_cast<const char*>(&d), 8); }
    Status put_size(int64_t n) {
        if (n > INT32_MAX) return unmarshallable();
        put_long(n);
        return Status::ok();
    }
    Status put_bytes(const char* p, int64_t n) {
        TRY(put_size(n));
        out.append(p, static_cast<size_t>(n));
        return Status::ok();
    }
    Status put_text_double(double d);
    Status number(Value v, char flag);
    Status text(Value v, char flag);
    Status set(Value v, char flag);
    Status code(Value v, char flag);
    Status unmarshallable() { return raise(t_, PyExc_ValueError, "unmarshallable object"); }

    Thread& t_;
    int version_;
    bool allow_code_;
    int depth_ = 0;
    std::unordered_map<uint64_t, int32_t> refs_;
    std::vector<uint64_t> open_;  // what a reader makes only once it has all parts, and is being written
};

// Objects that exist only when complete: a reference from within cannot be read back.
bool made_at_end(Value v) {
    return has_type(v, &PyCode_Type) || has_type(v, &PySlice_Type) || has_type(v, &PyFrozenSet_Type);
}

Writer::Seen Writer::reference(Value v, int ours, char* flag) {
    *flag = 0;
    if (version_ < 3) return Seen::kNew;
    // One reference means that nobody shares it, but for interned strs.
    if (v.is_ptr() && v.ptr()->ob_refcnt == static_cast<uint32_t>(1 + ours) &&
        !(is_str_exact(v) && str_is_interned(v)))
        return Seen::kNew;
    auto [it, fresh] = refs_.try_emplace(v.bits, static_cast<int32_t>(refs_.size()));
    if (!fresh) {
        if (std::find(open_.begin(), open_.end(), v.bits) != open_.end()) return Seen::kOpen;
        byte('r');
        put_long(it->second);
        return Seen::kWritten;
    }
    *flag = static_cast<char>(128);
    return Seen::kNew;
}

Status Writer::put_text_double(double d) {
    char* s = double_to_text(d, 'g', 17, false, false, false);
    if (!s) return raise_no_memory(t_);
    size_t n = strlen(s);
    byte(static_cast<int>(n));
    out.append(s, n);
    mem_free(s);
    return Status::ok();
}

Status Writer::number(Value v, char flag) {
    int64_t small;
    if (int_to_i64(v, &small) && small >= INT32_MIN && small <= INT32_MAX) {
        byte('i' | flag);
        put_long(small);
        return Status::ok();
    }
    byte('l' | flag);
    int64_t bits = int_bit_length(v);
    int64_t digits = (bits + 14) / 15;
    auto bytes = static_cast<size_t>(bits / 8 + 4);
    TRY(room_for(t_, bits));
    std::vector<unsigned char> raw(bytes + 4);
    Ref magnitude = int_sign(v) < 0 ? int_neg(t_, v) : Ref::share(v);
    if (!magnitude) return {};
    TRY(int_to_bytes(t_, magnitude, raw.data(), bytes, true, false));
    if (digits > INT32_MAX) return unmarshallable();
    put_long(int_sign(v) < 0 ? -digits : digits);
    for (int64_t i = 0; i < digits; i++) {
        size_t bit = static_cast<size_t>(i) * 15;
        uint32_t word;
        memcpy(&word, &raw[bit / 8], 4);
        put_short(static_cast<int>(word >> bit % 8 & 0x7fff));
    }
    return Status::ok();
}

Status Writer::text(Value v, char flag) {
    bool interned = str_is_interned(v);
    if (version_ >= 4 && str_is_ascii(v)) {
        int64_t n = str_length(v);
        if (n < 256) {
            byte((interned ? 'Z' : 'z') | flag);
            byte(static_cast<int>(n));
            out.append(static_cast<const char*>(str_data(v)), static_cast<size_t>(n));
            return Status::ok();
        }
        byte((interned ? 'A' : 'a') | flag);
        return put_bytes(static_cast<const char*>(str_data(v)), n);
    }
    Ref utf8 = TRY(encode_utf8(t_, v, "surrogatepass"));
    byte((version_ >= 3 && interned ? 't' : 'u') | flag);
    return put_bytes(bytes_data(utf8), bytes_size(utf8));
}

// Members in the order of their own marshal forms, so that equal sets give equal bytes.
Status Writer::set(Value v, char flag) {
    byte((has_type(v, &PyFrozenSet_Type) ? '>' : '<') | flag);
    TRY(put_size(set_size(v)));
    std::vector<std::pair<std::string, Value>> members;
    Ref list = TRY(to_list(t_, v));
    for (int64_t i = 0; i < list_size(list); i++) {
        Writer one(t_, version_, allow_code_);
        one.depth_ = depth_;
        TRY(one.object(list_get(list, i), 1));
        if (set_size(v) != list_size(list))
            return raise(t_, PyExc_RuntimeError, "set changed size during iteration");
        members.emplace_back(std::move(one.out), list_get(list, i));
    }
    std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& m : members) TRY(object(m.second, 1));
    return Status::ok();
}

Status Writer::code(Value v, char flag) {
    if (!allow_code_) return raise(t_, PyExc_ValueError, "marshalling code objects is disallowed");
    PyCodeObject* co = as_code(v);
    Ref bytes = TRY(code_bytes(t_, co));
    byte('c' | flag);
    for (int field :
         {co->co_argcount, co->co_posonlyargcount, co->co_kwonlyargcount, co->co_stacksize, co->co_flags})
        put_long(field);
    for (Value part : {bytes.get(), co->co_consts, co->co_names, co->co_localsplusnames,
                       co->co_localspluskinds, co->co_filename, co->co_name, co->co_qualname})
        TRY(object(part));
    put_long(co->co_firstlineno);
    TRY(object(co->co_linetable));
    return object(co->co_exceptiontable);
}

Status Writer::complex_object(Value v, char flag) {
    if (v.is_int() || has_type(v, &PyLong_Type)) return number(v, flag);
    double d;
    if (is_exact_double(v, &d)) {
        byte((version_ > 1 ? 'g' : 'f') | flag);
        if (version_ <= 1) return put_text_double(d);
        put_double(d);
        return Status::ok();
    }
    if (has_type(v, &PyComplex_Type)) {
        auto* c = v.as<PyComplexObject>();
        byte((version_ > 1 ? 'y' : 'x') | flag);
        if (version_ <= 1) {
            TRY(put_text_double(c->real));
            return put_text_double(c->imag);
        }
        put_double(c->real);
        put_double(c->imag);
        return Status::ok();
    }
    if (has_type(v, &PyBytes_Type)) {
        byte('s' | flag);
        return put_bytes(bytes_data(v), bytes_size(v));
    }
    if (is_str_exact(v)) return text(v, flag);
    if (is_tuple_exact(v)) {
        int64_t n = tuple_size(v);
        if (version_ >= 4 && n < 256) {
            byte(')' | flag);
            byte(static_cast<int>(n));
        } else {
            byte('(' | flag);
            TRY(put_size(n));
        }
        for (int64_t i = 0; i < n; i++) TRY(object(tuple_get(v, i)));
        return Status::ok();
    }
    if (is_list_exact(v)) {
        byte('[' | flag);
        TRY(put_size(list_size(v)));
        for (int64_t i = 0; i < list_size(v); i++) {
            Ref item = Ref::share(list_get(v, i));
            TRY(object(item, 1));
        }
        return Status::ok();
    }
    if (is_dict_exact(v)) {
        byte('{' | flag);
        int64_t pos = 0;
        Value key, value;
        while (dict_next(v, pos, key, value)) {
            // Writing may run Python code, which may change the dict.
            Ref held_key = Ref::share(key), held_value = Ref::share(value);
            TRY(object(key, 1));
            TRY(object(value, 1));
        }
        byte('0');
        return Status::ok();
    }
    if (has_type(v, &PySet_Type) || has_type(v, &PyFrozenSet_Type)) return set(v, flag);
    if (has_type(v, &PyCode_Type)) return code(v, flag);
    if (has_type(v, &PySlice_Type)) {
        if (version_ < 5) return unmarshallable();
        auto* s = v.as<PySliceObject>();
        byte(':' | flag);
        TRY(object(s->start));
        TRY(object(s->stop));
        return object(s->step);
    }
    if (has_buffer(v)) {
        Buffer b;
        if (!b.acquire(t_, v)) {
            clear_error(t_);
            return unmarshallable();
        }
        byte('s' | flag);
        return put_bytes(b.data(), b.size());
    }
    return unmarshallable();
}

Status Writer::object(Value v, int ours) {
    if (depth_ >= kMarshalDepth) return raise(t_, PyExc_ValueError, "object too deeply nested to marshal");
    RecursionGuard guard(t_, " while marshalling");
    if (!guard) return {};
    if (is_none(v)) return byte('N'), Status::ok();
    if (v == Value(PyExc_StopIteration)) return byte('S'), Status::ok();
    if (v == ellipsis()) return byte('.'), Status::ok();
    if (v == boolean(false)) return byte('F'), Status::ok();
    if (v == boolean(true)) return byte('T'), Status::ok();
    char flag;
    switch (reference(v, ours, &flag)) {
        case Seen::kWritten:
            return Status::ok();
        case Seen::kOpen:
            return unmarshallable();
        case Seen::kNew:
            break;
    }
    bool open = flag && made_at_end(v);
    if (open) open_.push_back(v.bits);
    depth_++;
    Status ok = complex_object(v, flag);
    depth_--;
    if (open) open_.pop_back();
    return ok;
}

}  // namespace

Ref marshal_dumps(Thread& t, Value v, int version, bool allow_code) {
    Writer w(t, version, allow_code);
    TRY(w.object(v));
    return bytes_from(t, w.out);
}

}  // namespace krait
