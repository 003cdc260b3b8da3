// The module _tracemalloc: where the memory in use was allocated. The allocator calls the hooks only while
// tracing is on (gc/memory.h).
#include <atomic>
#include <map>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "builtins/callable.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/memory.h"
#include "interp/code.h"
#include "interp/frame.h"
#include "modules/tracemalloc.h"
#include "object/protocol.h"

namespace krait {
namespace {

constexpr int kMaxFrames = 65535;

struct Place {
    Value filename;  // owned by Tracer::filenames
    int line;
    bool operator==(const Place& o) const { return filename == o.filename && line == o.line; }
};
struct Traceback {
    std::vector<Place> frames;  // most recent first
    int total = 0;              // how many there were
    bool operator==(const Traceback& o) const { return total == o.total && frames == o.frames; }
};
struct TracebackHash {
    size_t operator()(const Traceback& tb) const {
        size_t h = static_cast<size_t>(tb.total);
        for (const Place& p : tb.frames)
            h = (h ^ p.filename.bits ^ static_cast<size_t>(p.line) << 32) * 0x9e3779b97f4a7c15;
        return h;
    }
};
struct Trace {
    size_t size;
    const Traceback* traceback;
};

// One for the process: memory has no interpreter. Its own memory is not traced.
struct Tracer {
    std::recursive_mutex mutex;
    std::atomic<bool> on = false;
    int limit = 1;
    size_t now = 0, peak = 0;
    std::unordered_map<void*, Trace> traces;
    std::map<std::pair<unsigned, uintptr_t>, Trace> foreign;  // of other domains
    std::unordered_set<Traceback, TracebackHash> tracebacks;
    std::unordered_set<uint64_t> filenames;  // owned Values
    Value unknown;                           // owned: "<unknown>"
};
Tracer& tracer() {
    static Tracer* t = new Tracer;  // lives as long as memory does
    return *t;
}
thread_local bool t_inside;  // what tracing itself allocates is not traced

class Inside {
  public:
    Inside() : before_(t_inside) { t_inside = true; }
    ~Inside() { t_inside = before_; }
    Inside(const Inside&) = delete;

  private:
    bool before_;
};

Value known_filename(Tracer& tr, Value name) {
    if (!name || !is_str(name)) name = tr.unknown;
    if (tr.filenames.insert(name.bits).second) incref(name);
    return name;
}

const Traceback* current_traceback(Tracer& tr) {
    Traceback tb;
    Thread* t = t_current;
    for (Frame* f = t ? visible_frame(t->c.current_frame) : nullptr; f; f = visible_frame(f->previous)) {
        if (static_cast<int>(tb.frames.size()) < tr.limit) {
            int line = frame_line(f);
            tb.frames.push_back({known_filename(tr, f->co()->co_filename), line < 0 ? 0 : line});
        }
        if (tb.total < kMaxFrames) tb.total++;
    }
    if (tb.frames.empty()) {
        tb.frames.push_back({known_filename(tr, Value()), 0});
        tb.total = 1;
    }
    return &*tr.tracebacks.insert(std::move(tb)).first;
}

void forget(Tracer& tr, void* p) {
    auto at = tr.traces.find(p);
    if (at == tr.traces.end()) return;
    tr.now -= at->second.size;
    tr.traces.erase(at);
}

void count(Tracer& tr, size_t size) {
    tr.now += size;
    if (tr.now > tr.peak) tr.peak = tr.now;
}

void on_alloc(void* p, size_t size) {
    if (t_inside) return;
    Inside inside;
    Tracer& tr = tracer();
    std::lock_guard<std::recursive_mutex> lock(tr.mutex);
    if (!tr.on) return;
    forget(tr, p);
    tr.traces[p] = {size, current_traceback(tr)};
    count(tr, size);
}
void on_free(void* p) {
    Tracer& tr = tracer();
    std::lock_guard<std::recursive_mutex> lock(tr.mutex);
    forget(tr, p);
}
// A block that kept its place, with a new size.
void on_resize(void* p, size_t size) { on_alloc(p, size); }

void clear_traces(Tracer& tr) {
    Inside inside;
    std::unordered_set<uint64_t> filenames;
    {
        std::lock_guard<std::recursive_mutex> lock(tr.mutex);
        tr.traces.clear();
        tr.foreign.clear();
        tr.tracebacks.clear();
        filenames.swap(tr.filenames);
        tr.now = tr.peak = 0;
    }
    for (uint64_t bits : filenames) decref(Value(bits));
}

Ref traceback_tuple(Thread& t, const Traceback& tb) {
    auto n = static_cast<int64_t>(tb.frames.size());
    Ref out = TRY(tuple_new(t, n));
    for (int64_t i = 0; i < n; i++) {
        const Place& p = tb.frames[static_cast<size_t>(i)];
        Ref pair = TRY(tuple_of(t, {p.filename, Value::from_int(p.line)}));
        tuple_items(out)[i] = pair.release();
    }
    return out;
}

// --- functions ---

Ref m_start(Thread& t, Value, const Value* args, size_t nargs) {
    int n = nargs ? TRY(as_int32(t, args[0])) : 1;
    if (n < 1 || n > kMaxFrames)
        return raise(t, PyExc_ValueError, "the number of frames must be in range [1; %i]", kMaxFrames);
    Tracer& tr = tracer();
    if (tr.on) return none_ref();
    if (!tr.unknown) tr.unknown = TRY(str_intern(t, "<unknown>")).release();
    tr.limit = n;
    tr.on = true;
    mem_set_hooks({on_alloc, on_resize, on_free});
    return none_ref();
}
Ref m_stop(Thread&, Value) {
    Tracer& tr = tracer();
    if (!tr.on) return none_ref();
    mem_set_hooks({});
    tr.on = false;
    clear_traces(tr);
    return none_ref();
}
Ref m_is_tracing(Thread&, Value) { return bool_ref(tracer().on); }
Ref m_clear_traces(Thread&, Value) {
    if (tracer().on) clear_traces(tracer());
    return none_ref();
}
Ref m_reset_peak(Thread&, Value) {
    Tracer& tr = tracer();
    std::lock_guard<std::recursive_mutex> lock(tr.mutex);
    tr.peak = tr.now;
    return none_ref();
}
Ref m_get_traceback_limit(Thread&, Value) { return Ref::from_int(tracer().limit); }
Ref m_get_traced_memory(Thread& t, Value) {
    Tracer& tr = tracer();
    size_t now = tr.now, peak = tr.peak;
    Ref a = TRY(int_from_u64(t, now)), b = TRY(int_from_u64(t, peak));
    return tuple_of(t, {a, b});
}
Ref m_get_tracemalloc_memory(Thread& t, Value) {
    Tracer& tr = tracer();
    if (!tr.on) return Ref::from_int(0);
    std::lock_guard<std::recursive_mutex> lock(tr.mutex);
    size_t size = sizeof(Tracer) + tr.traces.size() * (sizeof(Trace) + 3 * sizeof(void*)) +
                  tr.traces.bucket_count() * sizeof(void*) + tr.filenames.size() * 4 * sizeof(void*);
    for (const Traceback& tb : tr.tracebacks)
        size += sizeof(tb) + 2 * sizeof(void*) + tb.frames.size() * sizeof(Place);
    return int_from_u64(t, size);
}
Ref m_get_traces(Thread& t, Value) {
    Tracer& tr = tracer();
    Ref list = TRY(list_new(t));
    if (!tr.on) return list;
    Inside inside;
    std::vector<std::pair<unsigned, Trace>> all;
    {
        std::lock_guard<std::recursive_mutex> lock(tr.mutex);
        all.reserve(tr.traces.size() + tr.foreign.size());
        for (const auto& [p, trace] : tr.traces) all.emplace_back(0, trace);
        for (const auto& [key, trace] : tr.foreign) all.emplace_back(key.first, trace);
    }
    std::unordered_map<const Traceback*, Ref> tuples;
    for (const auto& [domain, trace] : all) {
        Ref& frames = tuples[trace.traceback];
        if (!frames) frames = TRY(traceback_tuple(t, *trace.traceback));
        Ref size = TRY(int_from_u64(t, trace.size));
        Ref item = TRY(
            tuple_of(t, {Value::from_int(domain), size, frames, Value::from_int(trace.traceback->total)}));
        TRY(list_append(t, list, item));
    }
    return list;
}
Ref m_get_object_traceback(Thread& t, Value, Value v) {
    Tracer& tr = tracer();
    if (!tr.on || !v.is_ptr()) return none_ref();
    Inside inside;
    const Traceback* tb = nullptr;
    {
        std::lock_guard<std::recursive_mutex> lock(tr.mutex);
        auto at = tr.traces.find(object_block(v.ptr()));
        if (at != tr.traces.end()) tb = at->second.traceback;
    }
    return tb ? traceback_tuple(t, *tb) : none_ref();
}

const NativeDef functions[] = {
    def<m_is_tracing>("is_tracing", "()", "Whether allocations are being traced."),
    def<m_clear_traces>("clear_traces", "()", "Forget all traces."),
    def<m_get_traces>("_get_traces", "()",
                      "The traces of all blocks: (domain, size, frames, total frames) each."),
    def<m_get_object_traceback>("_get_object_traceback", "(obj, /)",
                                "Where an object was allocated, or None."),
    def<m_start>("start", "(nframe=1, /)", "Trace allocations, with up to nframe frames each."),
    def<m_stop>("stop", "()", "Trace no more, and forget all traces."),
    def<m_get_traceback_limit>("get_traceback_limit", "()", "How many frames a trace has at most."),
    def<m_get_tracemalloc_memory>("get_tracemalloc_memory", "()", "Bytes that the traces themselves take."),
    def<m_get_traced_memory>("get_traced_memory", "()", "Bytes in traced blocks: (now, most so far)."),
    def<m_reset_peak>("reset_peak", "()", "Let the peak be what is in use now."),
    {},
};

}  // namespace

bool tracing_memory() { return tracer().on; }

bool trace_block(unsigned domain, uintptr_t place, size_t size) {
    Inside inside;
    Tracer& tr = tracer();
    std::lock_guard<std::recursive_mutex> lock(tr.mutex);
    if (!tr.on) return false;
    untrace_block(domain, place);
    Trace trace{size, current_traceback(tr)};
    if (domain == 0)
        tr.traces[reinterpret_cast<void*>(place)] = trace;
    else
        tr.foreign[{domain, place}] = trace;
    count(tr, size);
    return true;
}

bool untrace_block(unsigned domain, uintptr_t place) {
    Inside inside;
    Tracer& tr = tracer();
    std::lock_guard<std::recursive_mutex> lock(tr.mutex);
    if (!tr.on) return false;
    if (domain == 0) {
        forget(tr, reinterpret_cast<void*>(place));
    } else if (auto at = tr.foreign.find({domain, place}); at != tr.foreign.end()) {
        tr.now -= at->second.size;
        tr.foreign.erase(at);
    }
    return true;
}

Ref traced_block(Thread& t, unsigned domain, uintptr_t place) {
    Tracer& tr = tracer();
    Inside inside;
    const Traceback* tb = nullptr;
    {
        std::lock_guard<std::recursive_mutex> lock(tr.mutex);
        if (domain == 0) {
            auto at = tr.traces.find(reinterpret_cast<void*>(place));
            if (at != tr.traces.end()) tb = at->second.traceback;
        } else if (auto at = tr.foreign.find({domain, place}); at != tr.foreign.end()) {
            tb = at->second.traceback;
        }
    }
    return tb ? traceback_tuple(t, *tb) : none_ref();
}

extern const ModuleSpec module__tracemalloc;
const ModuleSpec module__tracemalloc{
    .name = "_tracemalloc", .doc = "Traces of memory allocations.", .functions = functions, .single = true};

}  // namespace krait
