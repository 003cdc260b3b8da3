#include <iconv.h>

#include <cerrno>

#include "frontend.h"

namespace krait::frontend {

namespace {

Decoder::Result decode(void*, std::string_view encoding, std::string_view bytes, size_t, std::string& utf8,
                       Diagnostic& failure) {
    std::string name(encoding);
    iconv_t handle = iconv_open("UTF-8", name.c_str());
    if (handle == reinterpret_cast<iconv_t>(-1)) return Decoder::Result::kUnknownEncoding;
    std::string input(bytes);
    char* from = input.data();
    size_t left = input.size();
    bool ok = true;
    utf8.clear();
    while (left > 0 && ok) {
        char buffer[4096];
        char* to = buffer;
        size_t space = sizeof buffer;
        ok = iconv(handle, &from, &left, &to, &space) != static_cast<size_t>(-1) || errno == E2BIG;
        utf8.append(buffer, to - buffer);
    }
    iconv_close(handle);
    if (ok) return Decoder::Result::kDecoded;
    failure.kind = Diagnostic::Kind::kSyntaxError;
    failure.message =
        "'" + name + "' codec can't decode byte in position " + std::to_string(input.size() - left);
    return Decoder::Result::kFailed;
}

}  // namespace

Decoder iconv_decoder() { return {decode, nullptr}; }

}  // namespace krait::frontend
