import os

os.environ["GRPC_VERBOSITY"] = "ERROR"  # what it logs depends on timing
import grpc
from concurrent import futures


class H(grpc.GenericRpcHandler):
    def service(self, d):
        if d.method == "/s/echo":
            return grpc.unary_unary_rpc_method_handler(lambda r, c: r[::-1])
        if d.method == "/s/st":
            return grpc.unary_stream_rpc_method_handler(lambda r, c: (bytes([b]) for b in r))
        if d.method == "/s/err":

            def f(r, c):
                c.abort(grpc.StatusCode.NOT_FOUND, "nope")

            return grpc.unary_unary_rpc_method_handler(f)


s = grpc.server(futures.ThreadPoolExecutor(4))
s.add_generic_rpc_handlers((H(),))
p = s.add_insecure_port("127.0.0.1:0")
s.start()
with grpc.insecure_channel(f"127.0.0.1:{p}") as ch:
    e = ch.unary_unary("/s/echo")
    print(e(b"hello", timeout=20))
    print([x for x in ch.unary_stream("/s/st")(b"abc", timeout=20)])
    print([f.result() for f in [e.future(b"%d" % i, timeout=20) for i in range(10)]])
    try:
        ch.unary_unary("/s/err")(b"", timeout=20)
    except grpc.RpcError as x:
        print(x.code(), x.details())
s.stop(None).wait()
print("end")
