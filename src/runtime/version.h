// What Krait says of itself. The Python version is the one whose behaviour and library it has.
#pragma once

namespace krait::version {
inline constexpr int kMicro = 10;
inline constexpr int kHex = 0x030e0af0;
inline constexpr int kKraitMajor = 0, kKraitMinor = 1, kKraitPatch = 0;
inline constexpr char kPython[] = "3.14.10";
inline constexpr char kKrait[] = "0.1.0";
inline constexpr char kText[] = "3.14.10 (Krait 0.1.0) [Clang " __clang_version__ "]";
inline constexpr char kCacheTag[] = "krait-314";
inline constexpr char kCopyright[] = "Copyright (c) 2026 The Krait developers.";
}  // namespace krait::version
