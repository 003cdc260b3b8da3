"""A tracer, language, maps, calendars, fits, tables, genes, stars."""

from outcomes import show


def viztracers():
    import viztracer, tempfile, os, json, threading, asyncio

    f = tempfile.mktemp(suffix=".json")
    t = viztracer.VizTracer(output_file=f, verbose=0, log_func_args=True, log_func_retval=True, max_stack_depth=20, log_gc=True)
    t.start()

    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)

    def gen():
        yield from range(3)

    class A:

        def m(self, x):
            return [x]

    fib(5)
    list(gen())
    A().m(3)
    sorted([3, 1])
    len("abc")
    try:
        int("x")
    except ValueError:
        pass
    th = threading.Thread(target=fib, args=(3,))
    th.start()
    th.join()

    async def co():
        await asyncio.sleep(0)
        return 1

    t.stop()
    t.save()
    d = json.load(open(f))
    os.remove(f)
    ev = [e for e in d["traceEvents"] if e["ph"] == "X"]
    import collections

    print(sorted(collections.Counter(name for e in ev if (name := e["name"].split(" ")[0]).startswith("viztracers")).items()))
    print(
        [
            (e["name"].split(" ")[0], e["args"].get("func_args"), e["args"].get("return_value"))
            for e in ev
            if "fib" in e["name"]
        ][:4]
    )


def spacys():
    import spacy

    nlp = spacy.blank("en")
    d = nlp("Hello world, this isn't Mr. Smith's $5.50 pen. It's 3pm!")
    print(
        [t.text for t in d],
        d[1:3].text,
        [t.is_punct for t in d][:4],
        d[0].lex_id != None,
        [(t.shape_, t.like_num) for t in d][:5],
    )
    nlp.add_pipe("sentencizer")
    print([s.text for s in nlp("One here. Two there.").sents])
    from spacy.matcher import Matcher, PhraseMatcher

    m = Matcher(nlp.vocab)
    m.add("X", [[{"LOWER": "hello"}, {"IS_PUNCT": False}]])
    print([(nlp.vocab.strings[i], a, b) for i, a, b in m(d)])
    p = PhraseMatcher(nlp.vocab)
    p.add("P", [nlp("world")])
    print(len(p(d)))
    b = d.to_bytes()
    from spacy.tokens import Doc, Span

    e = Doc(nlp.vocab).from_bytes(b)
    print(e.text == d.text, Doc(nlp.vocab, words=["a", "b"], spaces=[True, False]).text)
    Doc.set_extension("q", default=5, force=True)
    print(d._.q)
    r = nlp.add_pipe("entity_ruler")
    r.add_patterns([{"label": "ORG", "pattern": "Apple"}])
    print([(x.text, x.label_) for x in nlp("Apple is big").ents])
    show(lambda: d[999], lambda: nlp.add_pipe("nope"), lambda: Doc(nlp.vocab, words=["a"], spaces=[1, 2]))
    import thinc.api as th, numpy as np

    mdl = th.chain(th.Relu(4), th.Softmax())
    X = np.ones((2, 3), "f4")
    mdl.initialize(X=X, Y=np.ones((2, 2), "f4"))
    print(mdl.predict(X).shape, mdl.predict(X).sum().round(3))
    import srsly

    print(srsly.json_dumps({"a": [1]}), srsly.msgpack_loads(srsly.msgpack_dumps({"a": 1})))


def pyprojs():
    import pyproj

    t = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
    print(
        [round(v, 3) for v in t.transform(10, 50)],
        pyproj.CRS(4326).name,
        pyproj.CRS.from_epsg(32633).to_dict(),
        pyproj.Geod(ellps="WGS84").inv(0, 0, 1, 1)[2].__round__(3),
        pyproj.Proj("+proj=utm +zone=33")(15, 50)[0].__round__(3),
    )
    show(lambda: pyproj.CRS("nope"), lambda: t.transform("x", 1), lambda: pyproj.Geod(ellps="zz"))


def cftimes():
    import cftime

    d = cftime.DatetimeNoLeap(2020, 2, 28)
    print(
        d + __import__("datetime").timedelta(1),
        d.dayofyr,
        cftime.num2date([0, 1.5], "days since 2000-01-01", "360_day"),
        cftime.date2num(d, "days since 2000-01-01", "noleap"),
        d < cftime.DatetimeNoLeap(2021, 1, 1),
        repr(d),
        hash(d) == hash(d),
        d - cftime.DatetimeNoLeap(2020, 1, 1),
    )
    show(
        lambda: cftime.DatetimeNoLeap(2020, 2, 29),
        lambda: d < cftime.Datetime360Day(2020, 1, 1),
        lambda: cftime.num2date(1, "x since y"),
    )


def iminuits():
    import iminuit

    m = iminuit.Minuit(lambda x, y: (x - 1) ** 2 + (y + 2) ** 4 + x * y * 0, x=0, y=0)
    m.errordef = 1
    m.migrad()
    print([round(v, 2) for v in m.values], m.valid, m.covariance is not None, m.parameters, m.nfcn > 5)
    m.hesse()
    show(lambda: iminuit.Minuit(lambda x: 1 / 0, x=0).migrad(), lambda: iminuit.Minuit(lambda x: x, z=1))
    print(round(m.fval, 4))


def tabless():
    import tables, numpy as np, tempfile, os

    p = tempfile.mktemp(suffix=".h5")

    class R(tables.IsDescription):
        n = tables.StringCol(8)
        i = tables.Int32Col()
        f = tables.Float64Col(shape=(2,))

    with tables.open_file(p, "w") as h:
        t = h.create_table("/", "t", R)
        for k in range(5):
            r = t.row
            r["n"] = f"n{k}"
            r["i"] = k
            r["f"] = [k, k * 2]
            r.append()
        t.flush()
        print([x["n"] for x in t.where("(i > 1) & (i < 4)")], t[1]["f"], t.nrows, t.cols.i[:], t.read_where("i == 3")["n"])
        a = h.create_carray("/", "a", obj=np.arange(6).reshape(2, 3), filters=tables.Filters(5, "blosc"))
        print(a[:, 1], a.attrs.CLASS, h.root.a)
        v = h.create_vlarray("/", "v", tables.ObjectAtom())
        v.append([1, "x"])
        print(v[0])
        t.cols.i.create_index()
        print(t.cols.i.is_indexed)
        show(lambda: h.get_node("/nope"), lambda: t.read_where("zz > 1"), lambda: h.create_array("/", "a", [1]))
    with tables.open_file(p) as h:
        print([n._v_name for n in h.walk_nodes("/")], h.root.t[:]["i"])
    os.remove(p)


def pysams():
    import pysam, tempfile, os, array

    hd = {"HD": {"VN": "1.6"}, "SQ": [{"SN": "chr1", "LN": 1000}]}
    p = tempfile.mktemp(suffix=".bam")
    with pysam.AlignmentFile(p, "wb", header=hd) as f:
        for i in range(3):
            a = pysam.AlignedSegment(f.header)
            a.query_name = f"r{i}"
            a.query_sequence = "ACGT"
            a.flag = 0
            a.reference_id = 0
            a.reference_start = i * 10
            a.mapping_quality = 20
            a.cigar = ((0, 4),)
            a.query_qualities = pysam.qualitystring_to_array("IIII")
            a.set_tag("NM", i)
            f.write(a)
    pysam.index(p)
    f = pysam.AlignmentFile(p)
    print(
        [(r.query_name, r.pos, r.cigarstring, r.get_tag("NM"), list(r.query_qualities)) for r in f.fetch("chr1", 5, 25)],
        f.references,
        f.count(),
        [c.n for c in f.pileup("chr1")][:3],
    )
    show(lambda: list(f.fetch("nope")), lambda: pysam.AlignmentFile("nope.bam"))
    f.close()
    os.remove(p)
    os.remove(p + ".bai")


def wordclouds():
    import wordcloud

    w = wordcloud.WordCloud(width=60, height=40, random_state=1, max_words=5).generate("apple pear apple plum apple pear")
    print(sorted(w.words_.items()), w.to_array().shape, w.layout_[0][0])


def astropys():
    import astropy.units as u, astropy.time, astropy.coordinates as c, astropy.table as t, astropy.io.fits as fits, astropy.wcs, numpy as np, io, astropy.stats, astropy.convolution, astropy.cosmology

    print(
        (3 * u.km / u.s).to(u.m / u.s),
        astropy.time.Time("2020-01-02T03:04:05").jd,
        c.SkyCoord(10 * u.deg, 20 * u.deg).galactic,
        c.SkyCoord("1h2m3s +4d5m6s").to_string("hmsdms"),
    )
    b = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(np.eye(3))]).writeto(b)
    b.seek(0)
    print(
        fits.open(b)[0].data.sum(), t.Table({"a": [3, 1], "b": ["x", "y"]}), t.Table.read("a b\n1 2\n", format="ascii")["b"][0]
    )
    w = astropy.wcs.WCS(naxis=2)
    w.wcs.crpix = [1, 1]
    w.wcs.cdelt = [0.1, 0.1]
    w.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    print(
        w.wcs_pix2world([[1, 2]], 0),
        astropy.stats.sigma_clip(np.array([1, 2, 1, 100.0]), 1.2).mask,
        astropy.convolution.convolve([1, 2, 3.0], [1, 1, 1]),
        astropy.cosmology.Planck18.age(0).round(3),
    )
    show(lambda: (1 * u.m).to(u.s), lambda: c.SkyCoord("zz"), lambda: astropy.time.Time("bad"))
    h = fits.BinTableHDU.from_columns([fits.Column("a", "J", array=[1, 2]), fits.Column("s", "5A", array=["x", "yy"])])
    print(h.data["s"], h.columns, fits.CompImageHDU(np.arange(100, dtype="i4").reshape(10, 10)).data.sum())


for section in (
    viztracers,
    spacys,
    pyprojs,
    cftimes,
    iminuits,
    tabless,
    pysams,
    wordclouds,
    astropys,
):
    print("---", section.__name__, flush=True)
    section()
