"""Trees, graphs, words and numbers."""

from outcomes import show


def optree():
    import optree, collections, dataclasses

    t = {
        "b": [1, (2, None)],
        "a": collections.OrderedDict(z=4, y=5),
        "d": collections.deque([6]),
        "n": collections.namedtuple("N", "p q")(7, 8),
    }
    l, s = optree.tree_flatten(t)
    print(l, s)
    print(optree.tree_unflatten(s, [x * 2 for x in l]))
    print(
        optree.tree_map(lambda x, y: x + y, t, t),
        optree.tree_paths(t),
        optree.tree_accessors(t)[:2],
        optree.tree_reduce(lambda a, b: a + b, t),
        s.num_leaves,
        hash(s) == hash(optree.tree_structure(t)),
        s == optree.tree_structure(t),
    )

    @optree.register_pytree_node_class(namespace="x")
    class V:

        def __init__(self, a):
            self.a = a

        def __tree_flatten__(self):
            return ((self.a,), None)

        @classmethod
        def __tree_unflatten__(cls, m, c):
            return cls(*c)

    print(
        optree.tree_leaves(V([1, 2]), namespace="x"),
        optree.tree_transpose(optree.tree_structure([0, 0]), optree.tree_structure({"a": 0}), [{"a": 1}, {"a": 2}]),
    )
    for bad in (
        lambda: optree.tree_map(lambda x, y: x, [1, 2], [1]),
        lambda: optree.tree_unflatten(s, [1]),
        lambda: optree.tree_map(lambda x: 1 / x, [0]),
    ):
        try:
            bad()
        except Exception as e:
            print(type(e).__name__, e)
    import pickle

    print(pickle.loads(pickle.dumps(optree.tree_structure([1, {"a": 2}]))))


def dmtree():
    import tree, collections, attr

    print(
        tree.flatten({"b": [1, 2], "a": (3, {"c": 4})}),
        tree.map_structure(lambda x: x * 2, {"b": [1, 2]}),
        tree.flatten_with_path({"b": [1, 2]}),
        tree.is_nested([1]),
        tree.unflatten_as([0, [0]], [5, 6]),
    )
    for bad in (
        lambda: tree.assert_same_structure([1, 2], [1]),
        lambda: tree.assert_same_structure([1, 2], (1, 2)),
        lambda: tree.map_structure(lambda x: x / 0, [1]),
    ):
        try:
            bad()
        except Exception as e:
            print(type(e).__name__, str(e)[:200])


def treesitter():
    import tree_sitter, tree_sitter_python

    L = tree_sitter.Language(tree_sitter_python.language())
    p = tree_sitter.Parser(L)
    src = b"def f(a, b=1):\n    return a + b\n"
    t = p.parse(src)
    print(t.root_node, t.root_node.children[0].child_by_field_name("name").text, t.root_node.child_count, t.root_node.end_point)
    q = tree_sitter.Query(L, "(identifier) @id")
    c = tree_sitter.QueryCursor(q)
    print(sorted(n.text for n in c.captures(t.root_node)["id"]))
    cur = t.walk()
    print(cur.goto_first_child(), cur.node.type, cur.goto_first_child(), cur.field_name, cur.depth)
    print(t.root_node.is_error, p.parse(b"def (").root_node.has_error, L.abi_version)
    print(p.parse(lambda off, pt: src[off : off + 5]).root_node == t.root_node)
    try:
        tree_sitter.Query(L, "(nope) @x")
    except Exception as e:
        print(type(e).__name__, e)


def cytoolzs():
    import cytoolz as c, cytoolz.curried as cc

    print(
        c.groupby(len, ["a", "bb", "c"]),
        list(c.sliding_window(2, range(4))),
        c.pipe(3, lambda x: x + 1, str),
        c.merge_with(sum, {"a": 1}, {"a": 2}),
        c.get_in(["a", 0], {"a": [5]}),
        c.compose(str, abs)(-3),
        list(cc.map(lambda x: x * 2)([1, 2])),
        c.curry(lambda a, b: a - b)(5)(3),
        list(c.interleave([[1, 2], [3, 4]])),
        c.reduceby(lambda x: x % 2, lambda a, b: a + b, range(5)),
        c.valmap(str, {"a": 1}),
        c.frequencies("abca"),
        list(c.partition_all(2, range(5))),
        c.memoize(lambda x: x)(4),
        c.first([9]),
        c.assoc_in({}, ["a", "b"], 1),
        c.countby(str.upper, "aA"),
        list(c.join(lambda x: x, [1, 2], lambda x: x, [2, 3])),
        c.excepts(ValueError, int, lambda e: -1)("x"),
    )
    for bad in (lambda: c.nth(5, [1]), lambda: c.get("k", {}), lambda: c.curry(5), lambda: c.first([])):
        try:
            print(bad())
        except Exception as e:
            print(type(e).__name__, e)


def rustworkxs():
    import rustworkx as rx

    g = rx.PyDiGraph()
    a, b, c = g.add_nodes_from("abc")
    g.add_edges_from([(a, b, 1.5), (b, c, 2), (a, c, 9)])
    print(
        rx.dijkstra_shortest_path_lengths(g, a, float),
        rx.topological_sort(g),
        g.edge_list(),
        [*g.nodes()],
        rx.is_directed_acyclic_graph(g),
        rx.dag_longest_path(g),
        g.successors(a),
        rx.betweenness_centrality(g),
    )
    try:
        g.add_edge(0, 99, 1)
    except BaseException as e:
        print(type(e).__name__)
    try:
        rx.dijkstra_shortest_path_lengths(g, a, lambda e: 1 / 0)
    except Exception as e:
        print(type(e).__name__, e)
    try:
        g.get_node_data(77)
    except Exception as e:
        print(type(e).__name__, e)


def igraphs():
    import igraph as ig

    g = ig.Graph.Ring(6)
    g.add_edge(0, 3)
    g.vs["n"] = list("abcdef")
    g.es["w"] = [1.5] * g.ecount()
    print(
        g.summary(),
        g.degree(),
        g.shortest_paths(0),
        g.vs.find(n="c").index,
        [e.tuple for e in g.es],
        g.betweenness(),
        g.get_adjacency(),
        g.vs[1].attributes(),
        g.vs.select(_degree_gt=2)["n"],
        g.subgraph([0, 1, 2]).ecount(),
        g.isomorphic(ig.Graph.Ring(6)),
    )
    show(lambda: g.vs[99], lambda: g.add_edge(0, 99), lambda: ig.Graph.Read_GML("nope"), lambda: g.vs["zz"], lambda: g.dfs(77))
    import pickle

    print(pickle.loads(pickle.dumps(g)).vcount(), (g + ig.Graph.Full(3)).vcount())
    r = []
    g.bfs(0)
    print(list(g.bfsiter(0))[1].index, g.layout("circle")[1])
    it = g.vs
    print([v["n"] for v in it if v.degree() > 2])
    p = ig.Graph([(0, 1)], directed=True)
    p["x"] = 5
    print(p, p["x"], p.attributes())


def flints():
    import flint

    print(
        flint.fmpz(2) ** 100,
        flint.fmpq(1, 3) + 1,
        flint.fmpz_poly([1, 2, 1]).factor(),
        flint.fmpz_mat([[1, 2], [3, 4]]).det(),
        flint.arb(2).sqrt(),
        flint.nmod(5, 7) / 3,
        flint.fmpz(120).factor(),
        int(flint.fmpz(7)),
        hash(flint.fmpz(10**30)) == hash(10**30),
        flint.fmpz(3) < 4,
        5 + flint.fmpz(1),
        flint.acb(1j).exp(),
        flint.fmpz_mod_ctx(7)(3) ** (-1),
    )
    for bad in (
        lambda: flint.fmpz(1) / 0,
        lambda: flint.fmpz("x"),
        lambda: flint.nmod(2, 4) / 2,
        lambda: flint.fmpz_mat([[1, 2], [2, 4]]).inv(),
    ):
        try:
            print(bad())
        except Exception as e:
            print(type(e).__name__, e)


def h3s():
    import h3

    c = h3.latlng_to_cell(37.77, -122.41, 9)
    print(
        c,
        h3.cell_to_latlng(c),
        h3.grid_disk(c, 1) == sorted(h3.grid_disk(c, 1)),
        h3.cell_area(c),
        h3.cell_to_parent(c, 5),
        h3.get_resolution(c),
        len(h3.cell_to_boundary(c)),
        h3.grid_distance(c, c),
    )
    for bad in (lambda: h3.cell_to_parent(c, 12), lambda: h3.latlng_to_cell(0, 0, 99), lambda: h3.cell_to_latlng("zz")):
        try:
            bad()
        except Exception as e:
            print(type(e).__name__, e)


def jellyfish():
    import jellyfish as j

    print(
        j.levenshtein_distance("abc", "abd"),
        j.jaro_similarity("dixon", "dicksonx"),
        j.soundex("Robert"),
        j.metaphone("Thompson"),
        j.nysiis("Knuth"),
        j.match_rating_codex("Byrne"),
        j.damerau_levenshtein_distance("ab", "ba"),
        j.hamming_distance("a", "b"),
    )
    try:
        j.soundex(1)
    except Exception as e:
        print(type(e).__name__, e)


def levenshtein():
    import Levenshtein as L

    print(
        L.distance("kitten", "sitting"),
        L.ratio("abc", "abd"),
        L.editops("spam", "park"),
        L.opcodes("spam", "park"),
        L.jaro_winkler("martha", "marhta"),
        L.median(["abc", "abd", "aXc"]),
        L.hamming("abc", "abd"),
        L.setratio(["a"], ["b"]),
        L.quickmedian(["fi", "spam"]),
        L.matching_blocks(L.editops("spam", "park"), 4, 4),
    )
    for bad in (lambda: L.distance(1, "a"), lambda: L.hamming("a", "ab", pad=False)):
        try:
            bad()
        except Exception as e:
            print(type(e).__name__, e)


def cymem():
    import cymem.cymem, preshed.maps, preshed.counter, preshed.bloom, murmurhash

    m = cymem.cymem.Pool()
    print(m.size)
    pm = preshed.maps.PreshMap()
    pm[12345] = 7
    print(pm[12345], pm[1], len(pm), list(pm.items()), 12345 in pm)
    c = preshed.counter.PreshCounter()
    c.inc(3, 5)
    print(c[3], c.total)
    b = preshed.bloom.BloomFilter()
    b.add(7)
    print(7 in b, 8 in b)
    print(murmurhash.hash("abc"), murmurhash.mrmr.hash_unicode("abc"))


def ml_dtypes():
    import ml_dtypes as m, numpy as np

    a = np.array([1.1, 2.2, 3.3], dtype=m.bfloat16)
    print(
        a,
        a + 1,
        a.astype("f4"),
        a.dtype,
        np.dot(a, a),
        m.finfo(m.bfloat16),
        a.sort(),
        a[::-1],
        repr(a[0]),
        hash(a[0]),
        float(a[1]),
        a[0] < a[1],
    )
    for t in (m.float8_e4m3fn, m.float8_e5m2, m.int4, m.uint4, m.float8_e4m3b11fnuz):
        print(
            t.__name__,
            np.array([1, 2, 3], dtype=t) * np.array([2, 2, 2], dtype=t),
            np.array([1, 2]).astype(t),
            m.iinfo(t) if "int" in t.__name__ else m.finfo(t).max,
        )
    print(
        np.array([1.5]).astype(m.bfloat16).tobytes(),
        np.exp(a),
        np.where(a > 1.5, a, 0),
        m.bfloat16("1.5"),
        m.bfloat16(1) / m.bfloat16(3),
    )
    try:
        m.int4("x")
    except Exception as e:
        print(type(e).__name__, e)


def boosthist():
    import boost_histogram as bh, numpy as np, pickle, copy

    h = bh.Histogram(bh.axis.Regular(4, 0, 1), bh.axis.StrCategory(["a", "b"], growth=True), storage=bh.storage.Weight())
    h.fill([0.1, 0.5, 0.9], ["a", "b", "c"], weight=[1, 2, 3])
    print(
        h,
        h.view(),
        h[0:2, bh.loc("a")],
        h.sum(),
        h.axes[0].edges,
        pickle.loads(pickle.dumps(h)) == h,
        h * 2,
        h.axes[1],
        copy.deepcopy(h).ndim,
        h[{0: sum}],
        h.project(1),
        repr(h.axes[0]),
        bh.axis.Variable([1, 2, 5]).index(3),
        bh.axis.Integer(0, 3),
        h.axes.centers,
    )
    show(lambda: bh.axis.Regular(0, 0, 1), lambda: h.fill([1]), lambda: h[9, 9], lambda: bh.axis.Regular(4, 1, 1))


def highspys():
    import highspy, numpy as np

    h = highspy.Highs()
    h.silent()
    x = h.addVariable(lb=0, ub=4)
    y = h.addVariable(lb=0, ub=4)
    h.addConstr(x + 2 * y <= 6)
    h.maximize(x + y)
    print(
        h.getInfo().objective_function_value,
        h.val(x),
        h.modelStatusToString(h.getModelStatus()),
        h.numVariables,
        repr(x + 2 * y <= 6),
        highspy.HighsStatus.kOk,
        list(h.getSolution().col_value),
    )


for section in (
    optree,
    dmtree,
    treesitter,
    cytoolzs,
    rustworkxs,
    igraphs,
    flints,
    h3s,
    jellyfish,
    levenshtein,
    cymem,
    ml_dtypes,
    boosthist,
    highspys,
):
    print("---", section.__name__, flush=True)
    section()
