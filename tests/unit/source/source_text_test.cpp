#include <gtest/gtest.h>

#include "source/encoding.h"
#include "source/source-text.h"

namespace krait {
namespace {

struct Loaded {
    SourceText source;
    Diagnostic failure;
    bool ok;
    explicit Loaded(std::string_view bytes, SourceOrigin origin = SourceOrigin::kBytes,
                    bool add_newline = true) {
        SourceOptions options;
        options.origin = origin;
        options.add_newline = add_newline;
        options.filename = "t.py";
        ok = source.load(bytes, options, failure);
    }
};

TEST(SourceText, TranslatesNewlines) {
    Loaded a("a\r\nb\rc\n\r\r\nd");
    EXPECT_EQ(a.source.text(), "a\nb\nc\n\n\nd\n");
    EXPECT_TRUE(a.source.newline_added());
    EXPECT_FALSE(Loaded("a\n").source.newline_added());
    EXPECT_EQ(Loaded("", SourceOrigin::kStr).source.text(), "\n");
    EXPECT_EQ(Loaded("a", SourceOrigin::kStr, false).source.text(), "a");
}

TEST(SourceText, FindsCookies) {
    EXPECT_EQ(coding_cookie("# -*- coding: Latin_1 -*-"), "iso-8859-1");
    EXPECT_EQ(coding_cookie("#coding=utf8"), "utf8");
    EXPECT_EQ(coding_cookie("# coding codingx coding:\t UTF_8-x y"), "utf-8");
    EXPECT_EQ(coding_cookie("x # coding: latin-1"), "");
    EXPECT_EQ(coding_cookie("# coding:"), "");
    EXPECT_EQ(Loaded("\f#x\n#coding:latin-1\n\xE9").source.text(), "\f#x\n#coding:latin-1\n\xC3\xA9\n");
    EXPECT_FALSE(Loaded("x\n#coding:latin-1\n\xE9").ok);
    EXPECT_EQ(Loaded("#coding:latin-1", SourceOrigin::kStr).source.encoding(), "");
}

TEST(SourceText, NamesEncodingErrors) {
    Loaded unknown("# coding: foo\nx");
    EXPECT_EQ(unknown.failure.message, "unknown encoding: foo");
    EXPECT_TRUE(unknown.failure.short_location);
    EXPECT_EQ(Loaded("# coding: ascii\nx='\xff'").failure.message,
              "'ascii' codec can't decode byte 0xff in position 19: ordinal not in range(128)");
    Loaded bom("\xEF\xBB\xBF# coding: latin-1\nx");
    EXPECT_EQ(bom.failure.message, "encoding problem: iso-8859-1 with BOM");
    EXPECT_FALSE(bom.failure.has_filename);
    Loaded bad("x\n'\xff'\n");
    EXPECT_EQ(bad.failure.message,
              "Non-UTF-8 code starting with '\\xff' on line 2, but no encoding declared; see "
              "https://peps.python.org/pep-0263/ for details");
    EXPECT_EQ(bad.failure.line, 2);
    EXPECT_EQ(bad.failure.column, 2);
    EXPECT_EQ(bad.failure.text, "'\xEF\xBF\xBD'");
    Loaded null(std::string_view("a\0b", 3));
    EXPECT_EQ(null.failure.message, "source code string cannot contain null bytes");
    EXPECT_FALSE(null.failure.has_location);
}

TEST(SourceText, DefersErrorsOfFiles) {
    Loaded file("a\nb\n'\xff'\nc\n", SourceOrigin::kFile);
    EXPECT_TRUE(file.ok);
    EXPECT_EQ(file.source.text(), "a\nb\n");
    EXPECT_EQ(file.source.deferred().message,
              "Non-UTF-8 code starting with '\\xff' in file t.py on line 3, but no encoding declared; see "
              "https://peps.python.org/pep-0263/ for details");
    Loaded declared("# coding: utf-8\n'\xff'\n", SourceOrigin::kFile);
    EXPECT_EQ(declared.source.deferred().message,
              "(unicode error) 'utf-8' codec can't decode byte 0xff in position 1: invalid start byte");
}

TEST(SourceText, AsksTheHook) {
    SourceOptions options;
    options.origin = SourceOrigin::kBytes;
    options.decoder.decode = [](void*, std::string_view encoding, std::string_view, size_t, std::string& utf8,
                                Diagnostic& d) {
        if (encoding == "bad") {
            d.message = "no";
            return Decoder::Result::kFailed;
        }
        utf8 = encoding == "upper" ? "X\n" : "\xff";
        return Decoder::Result::kDecoded;
    };
    SourceText source;
    Diagnostic failure;
    EXPECT_TRUE(source.load("#coding:upper\nx", options, failure));
    EXPECT_EQ(source.text(), "X\n");
    EXPECT_FALSE(source.load("#coding:bad\nx", options, failure));
    EXPECT_EQ(failure.message, "no");
    EXPECT_FALSE(source.load("#coding:garbage\nx", options, failure));
}

TEST(SourceText, FindsLines) {
    Loaded a("a\n\xC3\xA9z\n\nlast");
    EXPECT_EQ(a.source.line_count(), 4u);
    EXPECT_EQ(a.source.line(2), "\xC3\xA9z\n");
    EXPECT_EQ(a.source.line(3), "\n");
    EXPECT_EQ(a.source.line(9), "");
    EXPECT_EQ(a.source.line_of(0), 1u);
    EXPECT_EQ(a.source.line_of(2), 2u);
    EXPECT_EQ(a.source.line_of(6), 3u);
    EXPECT_EQ(character_offset("\xC3\xA9z", 2), 1u);
    EXPECT_EQ(character_offset("\xE2\x82z", 3), 2u);
    EXPECT_EQ(byte_offset("\xC3\xA9z", 1), 2u);
    SourceText fed;
    fed.append("a\n");
    EXPECT_EQ(fed.line(1), "a\n");
    fed.append("b");
    EXPECT_EQ(fed.line(2), "b\n");
    EXPECT_TRUE(fed.newline_added());
}

TEST(Encoding, KnowsAliases) {
    EXPECT_EQ(native_encoding("UTF-8"), NativeEncoding::kUtf8);
    EXPECT_EQ(native_encoding("U8"), NativeEncoding::kUtf8);
    EXPECT_EQ(native_encoding("US-ASCII"), NativeEncoding::kAscii);
    EXPECT_EQ(native_encoding("iso8859-1"), NativeEncoding::kLatin1);
    EXPECT_EQ(native_encoding("utf-16"), NativeEncoding::kNone);
}

}  // namespace
}  // namespace krait
