#include "modules/remote/process.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "builtins/exceptions.h"
#include "builtins/str.h"

namespace krait::remote {
namespace {

class File {
  public:
    explicit File(const std::string& path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    File(const File&) = delete;
    ~File() {
        if (fd_ >= 0) close(fd_);
    }
    bool read(uint64_t at, void* to, size_t size) const {
        return fd_ >= 0 && pread(fd_, to, size, static_cast<off_t>(at)) == static_cast<ssize_t>(size);
    }

  private:
    int fd_;
};

// Where an ELF file has the section, as an address ahead of relocation; 0: nowhere. `low` becomes the address
// of what is mapped first.
uint64_t section_address(const File& file, const char* section, uint64_t& low) {
    Elf64_Ehdr head;
    if (!file.read(0, &head, sizeof head) || memcmp(head.e_ident, ELFMAG, SELFMAG) ||
        head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_shentsize != sizeof(Elf64_Shdr) ||
        head.e_phentsize != sizeof(Elf64_Phdr))
        return 0;
    low = UINT64_MAX;
    for (unsigned i = 0; i < head.e_phnum; i++) {
        Elf64_Phdr p;
        if (!file.read(head.e_phoff + i * sizeof p, &p, sizeof p)) return 0;
        if (p.p_type == PT_LOAD && p.p_vaddr < low) low = p.p_vaddr & ~uint64_t{4095};
    }
    Elf64_Shdr names;
    if (!file.read(head.e_shoff + head.e_shstrndx * sizeof names, &names, sizeof names)) return 0;
    size_t length = strlen(section) + 1;
    std::string name(length, 0);
    for (unsigned i = 0; i < head.e_shnum; i++) {
        Elf64_Shdr s;
        if (!file.read(head.e_shoff + i * sizeof s, &s, sizeof s)) return 0;
        if (file.read(names.sh_offset + s.sh_name, name.data(), length) &&
            !memcmp(name.data(), section, length))
            return s.sh_addr;
    }
    return 0;
}

struct Mapping {
    uint64_t start;
    std::string path;  // as /proc/PID/maps has it: with " (deleted)" for files that are gone
};

// The beginnings of mapped files. False: errno says why not.
bool read_mappings(const std::string& proc, std::vector<Mapping>& out) {
    FILE* f = fopen((proc + "/maps").c_str(), "re");
    if (!f) return false;
    char* line = nullptr;
    size_t capacity = 0;
    ssize_t n;
    while ((n = getline(&line, &capacity, f)) > 0) {
        unsigned long start, offset;
        int path = 0;
        if (sscanf(line, "%lx-%*x %*s %lx %*s %*s %n", &start, &offset, &path) != 2 || !path) continue;
        if (line[path] != '/' || offset) continue;
        if (line[n - 1] == '\n') line[n - 1] = 0;
        out.push_back({start, line + path});
    }
    free(line);
    fclose(f);
    return true;
}

std::string link_target(const std::string& path) {
    char text[PATH_MAX];
    ssize_t n = readlink(path.c_str(), text, sizeof text);
    return n > 0 ? std::string(text, static_cast<size_t>(n)) : std::string();
}

bool may_hold_python(const std::string& path) {
    return path.find("python", path.rfind('/') + 1) != path.npos;
}

Raised not_found(Thread& t, pid_t pid) {
    return raise(t, PyExc_RuntimeError,
                 "Failed to find the PyRuntime section in process %d on Linux platform", pid);
}
// CPython tells it in three steps.
Raised not_readable(Thread& t, pid_t pid, const std::string& maps, int error) {
    Ref path = TRY(str_from(t, maps.c_str()));
    raise_errno(t, error, path);
    if (error == EACCES || error == EPERM) return {};
    raise_from_cause(t, PyExc_OSError,
                     "Cannot open process memory map file '%s' for PID %d section search: %s", maps.c_str(),
                     pid, strerror(error));
    Ref context = fetch_error(t);
    not_found(t, pid);
    if (context && t.has_exception()) {
        auto* made = as_base_exception(Value(t.c.current_exception));
        if (!made->context) made->context = context.release();
    }
    return {};
}

iovec span(const void* p, size_t size) { return {const_cast<void*>(p), size}; }

}  // namespace

Status Process::read(Thread& t, uint64_t address, void* to, size_t size) const {
    iovec local = span(to, size), far = span(reinterpret_cast<void*>(address), size);
    ssize_t n = process_vm_readv(pid_, &local, 1, &far, 1, 0);
    if (n == static_cast<ssize_t>(size)) return Status::ok();
    if (n < 0) return raise_errno(t, errno);
    return raise(t, PyExc_OSError, "Failed to read all %zd bytes from the process",
                 static_cast<ssize_t>(size));
}

Status Process::write(Thread& t, uint64_t address, const void* from, size_t size) const {
    iovec local = span(from, size), far = span(reinterpret_cast<void*>(address), size);
    ssize_t n = process_vm_writev(pid_, &local, 1, &far, 1, 0);
    if (n == static_cast<ssize_t>(size)) return Status::ok();
    if (n < 0) return raise_errno(t, errno);
    return raise(t, PyExc_OSError, "Failed to write all %zd bytes to the process",
                 static_cast<ssize_t>(size));
}

Status Process::attach(Thread& t, pid_t pid, Process& out) {
    out.pid_ = pid;
    std::string proc = "/proc/" + std::to_string(pid), exe = link_target(proc + "/exe");
    std::vector<Mapping> mappings;
    if (!read_mappings(proc, mappings)) return not_readable(t, pid, proc + "/maps", errno);
    for (const Mapping& m : mappings) {
        bool is_program = m.path == exe;
        if (!is_program && !may_hold_python(m.path)) continue;
        // The program is to be had that way even where its file is gone, or in a container.
        File file(is_program ? proc + "/exe" : proc + "/root" + m.path);
        uint64_t low = 0, at = section_address(file, kDebugSection, low);
        if (!at) continue;
        uint64_t table = at - low + m.start;
        // A library that was loaded twice is in use once.
        if (!out.read(t, table, &out.tables_.offsets, sizeof(DebugOffsets))) {
            if (error_is(t, PyExc_PermissionError)) return {};
            clear_error(t);
            continue;
        }
        if (memcmp(out.tables_.offsets.cookie, kDebugCookie, 8) != 0) continue;
        out.table_ = table;
        TRY(out.read(t, table + sizeof(DebugOffsets), &out.tables_.tasks, sizeof(TaskOffsets)));
        out.has_tasks_ = !memcmp(out.tables_.tasks.cookie, kTaskCookie, 8);
        return Status::ok();
    }
    return not_found(t, pid);
}

Result<uint64_t> Process::interpreters(Thread& t) const {
    return get<uint64_t>(t, table_ + offsets().runtime_interpreters_head);
}

}  // namespace krait::remote
