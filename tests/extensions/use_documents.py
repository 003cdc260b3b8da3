"""nanobind (pikepdf), SWIG (PyMuPDF, faiss), pybind11 and more (OR-Tools, OpenCV, onnxruntime)."""

from outcomes import show


def pikepdfs():
    import pikepdf, io

    p = pikepdf.new()
    p.add_blank_page(page_size=(100, 200))
    p.docinfo["/Title"] = "Tü"
    b = io.BytesIO()
    p.save(b, deterministic_id=True)
    b.seek(0)
    q = pikepdf.open(b)
    print(
        len(q.pages),
        q.pages[0].MediaBox,
        q.docinfo,
        q.pages[0].obj,
        q.Root.Type,
        pikepdf.Dictionary(A=1, B=[1, 2.5]),
        pikepdf.parse_content_stream(q.pages[0]),
        pikepdf.Name.Foo,
        pikepdf.Array([1, "x"]),
        list(q.Root.keys()),
    )
    for bad in (lambda: q.Root.Nope, lambda: q.pages[5], lambda: pikepdf.Name("bad"), lambda: pikepdf.Dictionary(A=1j)):
        try:
            print(bad())
        except Exception as e:
            print(type(e).__name__, str(e)[:150])

    class TF(pikepdf.TokenFilter):

        def handle_token(self, t):
            return t

    q.pages[0].add_content_token_filter(TF())
    print(q.pages[0].get_filtered_contents(TF()))


def pymupdfs():
    import pymupdf, io

    d = pymupdf.open()
    p = d.new_page(width=200, height=100)
    p.insert_text((20, 50), "Hello PDF", fontsize=12)
    p.draw_rect((10, 10, 50, 40), color=(1, 0, 0))
    b = d.tobytes()
    e = pymupdf.open(stream=b, filetype="pdf")
    print(
        e.page_count,
        e[0].get_text(),
        e[0].search_for("PDF"),
        e[0].get_pixmap().samples[:3],
        e.metadata["format"],
        e[0].rect,
        pymupdf.Point(1, 2) * pymupdf.Matrix(2, 2),
        e[0].get_text("dict")["blocks"][0]["lines"][0]["spans"][0]["text"],
        e[0].get_drawings()[0]["type"],
        pymupdf.Rect(1, 2, 3, 4) & pymupdf.Rect(2, 2, 9, 9),
        e.xref_length(),
        repr(e[0]),
    )
    show(
        lambda: pymupdf.open("nope.pdf"),
        lambda: pymupdf.open(stream=b"junk", filetype="pdf"),
        lambda: e[7],
        lambda: pymupdf.Rect("x"),
    )
    import pymupdf.mupdf as m

    print(m.FzPoint(1, 2), e.extract_font(5)[:2] if e.xref_length() > 5 else "")


def faisss():
    import faiss, numpy as np

    rs = np.random.RandomState(0)
    x = rs.rand(200, 8).astype("f4")
    i = faiss.IndexFlatL2(8)
    i.add(x)
    D, I = i.search(x[:3], 3)
    print(I, D.round(3), i.ntotal)
    q = faiss.IndexIVFFlat(i.__class__(8), 8, 4)
    q.train(x)
    q.add(x)
    q.nprobe = 4
    print(q.search(x[:2], 2)[1], faiss.serialize_index(i).shape, type(faiss.index_factory(8, "PCA4,Flat")).__name__)
    show(lambda: i.add(x[:, :3]), lambda: faiss.index_factory(8, "Nope"), lambda: faiss.read_index("nope"))
    h = faiss.IndexHNSWFlat(8, 4)
    h.add(x)
    print(h.search(x[:2], 1)[1], h.hnsw.max_level >= 0, isinstance(h, faiss.Index), h.this.own())


def ortoolss():
    from ortools.sat.python import cp_model

    m = cp_model.CpModel()
    x = m.new_int_var(0, 10, "x")
    y = m.new_int_var(0, 10, "y")
    m.add(x + 2 * y <= 14)
    m.add(3 * x - y >= 0)
    m.maximize(x + 3 * y)
    s = cp_model.CpSolver()
    s.parameters.num_workers = 1
    print(s.status_name(s.solve(m)), s.objective_value, s.value(x), s.value(y), x + 2 * y, m.validate() == "")
    from ortools.linear_solver import pywraplp

    q = pywraplp.Solver.CreateSolver("GLOP")
    a = q.NumVar(0, 1, "a")
    q.Add(a <= 0.5)
    q.Maximize(a)
    print(q.Solve(), a.solution_value())
    from ortools.graph.python import max_flow

    f = max_flow.SimpleMaxFlow()
    f.add_arc_with_capacity(0, 1, 5)
    f.add_arc_with_capacity(1, 2, 3)
    print(f.solve(0, 2), f.optimal_flow())

    class CB(cp_model.CpSolverSolutionCallback):

        def __init__(s):
            super().__init__()
            s.n = 0

        def on_solution_callback(s):
            s.n += 1

    cb = CB()
    s.parameters.enumerate_all_solutions = True
    m2 = cp_model.CpModel()
    z = m2.new_int_var(0, 3, "z")
    m2.add(z != 1)
    s.solve(m2, cb)
    print(cb.n)
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    mg = pywrapcp.RoutingIndexManager(4, 1, 0)
    r = pywrapcp.RoutingModel(mg)
    D = [[0, 2, 9, 10], [1, 0, 6, 4], [15, 7, 0, 8], [6, 3, 12, 0]]
    t = r.RegisterTransitCallback(lambda i, j: D[mg.IndexToNode(i)][mg.IndexToNode(j)])
    r.SetArcCostEvaluatorOfAllVehicles(t)
    print(r.SolveWithParameters(pywrapcp.DefaultRoutingSearchParameters()).ObjectiveValue())


def cv2s():
    import cv2, numpy as np

    a = np.zeros((40, 40, 3), np.uint8)
    cv2.circle(a, (20, 20), 10, (255, 0, 0), -1)
    g = cv2.cvtColor(a, cv2.COLOR_BGR2GRAY)
    c, h = cv2.findContours((g > 0).astype("u1"), cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
    print(
        g.sum(),
        len(c),
        c[0].shape,
        cv2.GaussianBlur(g, (5, 5), 1).sum(),
        cv2.Canny(g, 50, 100).sum(),
        cv2.resize(a, (20, 10)).shape,
        cv2.imencode(".png", a)[1].shape[0] > 50,
        cv2.imdecode(cv2.imencode(".png", a)[1], 1).shape,
        cv2.minAreaRect(c[0]),
        cv2.moments(g)["m00"],
        cv2.getRotationMatrix2D((1, 2), 30, 1).round(3),
        cv2.KeyPoint(1, 2, 3).pt,
        cv2.boundingRect(c[0]),
        cv2.ORB_create().detectAndCompute(g, None)[1] is None,
        cv2.getVersionString()[0],
        cv2.Sobel(g, cv2.CV_64F, 1, 0).max(),
    )
    k = cv2.KalmanFilter(2, 1)
    k.transitionMatrix = np.eye(2, dtype="f4")
    print(k.predict(), cv2.solve(np.eye(2), np.ones((2, 1))), cv2.norm(g))
    show(
        lambda: cv2.cvtColor(None, 6),
        lambda: cv2.resize(a, "x"),
        lambda: cv2.circle(a),
        lambda: cv2.GaussianBlur(a, (4, 4), 1),
        lambda: cv2.KeyPoint(1),
    )
    cv2.setNumThreads(1)
    print(cv2.kmeans(np.float32([[1], [2], [50], [51]]), 2, None, (3, 10, 1.0), 1, cv2.KMEANS_PP_CENTERS)[0])


def onnxruntimes():
    import onnxruntime as ort, numpy as np

    print(ort.get_available_providers())
    show(lambda: ort.InferenceSession(b"junk"), lambda: ort.InferenceSession("nope.onnx"))
    v = ort.OrtValue.ortvalue_from_numpy(np.arange(3.0))
    print(v.numpy(), v.shape(), v.data_type(), v.device_name())
    o = ort.SessionOptions()
    o.intra_op_num_threads = 1
    o.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    print(o.intra_op_num_threads, o.graph_optimization_level)


def sentencepieces():
    import sentencepiece as sp, io

    m = io.BytesIO()
    sp.SentencePieceTrainer.train(
        sentence_iterator=iter(["hello world this is text %d" % i for i in range(200)]),
        model_writer=m,
        vocab_size=40,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    p = sp.SentencePieceProcessor(model_proto=m.getvalue())
    print(
        p.encode("hello text"),
        p.encode("hello text", out_type=str),
        p.decode(p.encode("hello text")),
        p.vocab_size(),
        p.id_to_piece(5),
        len(p),
    )
    show(lambda: p.id_to_piece(9999), lambda: sp.SentencePieceProcessor(model_file="nope"), lambda: p.decode(["x", 1]))


def tantivys():
    import tantivy

    b = tantivy.SchemaBuilder()
    b.add_text_field("t", stored=True)
    b.add_integer_field("n", stored=True, indexed=True)
    i = tantivy.Index(b.build())
    w = i.writer(15000000, 1)
    w.add_document(tantivy.Document(t="hello world", n=5))
    w.commit()
    i.reload()
    s = i.searcher()
    q = i.parse_query("hello", ["t"])
    r = s.search(q, 3).hits
    print(len(r), s.doc(r[0][1]).to_dict(), q)
    show(lambda: i.parse_query("nofield:x"), lambda: tantivy.Document(n="x"))


def pywt():
    import pywt, numpy as np

    print(
        pywt.dwt([1, 2, 3, 4.0], "db2"),
        pywt.wavedec(np.arange(16.0), "haar", level=2),
        pywt.Wavelet("db2"),
        pywt.cwt(np.arange(8.0), [1, 2], "morl")[0].shape,
        pywt.dwt2(np.eye(4), "haar")[0],
        pywt.families(),
        pywt.threshold([1, -3.0], 2),
    )
    show(lambda: pywt.Wavelet("zz"), lambda: pywt.dwt([], "haar"), lambda: pywt.dwt("x", "haar"))


def blosc2s():
    import blosc2, numpy as np

    print(bytes(blosc2.decompress(blosc2.compress(b"x" * 104, typesize=8)))[:3])
    a = blosc2.asarray(np.arange(100).reshape(10, 10))
    print(a[2:4, :3], a.schunk.nchunks, (a + 1)[0][:3], a.chunks)
    show(lambda: blosc2.decompress(b"junk"), lambda: a[99, 0])


for section in (pikepdfs, pymupdfs, faisss, ortoolss, cv2s, onnxruntimes, sentencepieces, tantivys, pywt, blosc2s):
    print("---", section.__name__, flush=True)
    section()
