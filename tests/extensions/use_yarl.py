from propcache import cached_property
from yarl import URL, _quoting

u = URL("http://user:pä@example.com:8080/a b/c%20d/?q=1&r=ä%26#frag")
print(u, repr(u.path), u.query, u.fragment, u.host, u.port, u.user, u.password, u.raw_query_string)
print(u / "x y", u.with_query(a=[1, 2], b="c&d"), u.parent, u.join(URL("../z")), u.human_repr(), u.origin())
print(URL.build(scheme="https", host="bücher.example", path="/ü", query={"k": "v w"}), URL("/a/../b/./c").path, hash(u) == hash(URL(str(u))))
for bad in ("http://[::1", "http://a:b", 3):
    try:
        print(URL(bad))
    except Exception as e:
        print(type(e).__name__, e)


class C:
    calls = 0

    @cached_property
    def value(self):
        C.calls += 1
        return C.calls


c = C()
print(c.value, c.value, C.calls, _quoting._Quoter.__module__)
