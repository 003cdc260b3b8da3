import tiktoken

ranks = {bytes([i]): i for i in range(256)}
for word in (b"he", b"ll", b"hell", b"hello", b" w", b"or", b" wor", b"ld", b" world"):
    ranks[word] = len(ranks)
e = tiktoken.Encoding("own", pat_str=r"""'s|\p{L}+| ?\p{L}+|\p{N}+|\s+|[^\s\p{L}\p{N}]+""", mergeable_ranks=ranks, special_tokens={"<end>": 1000})
ids = e.encode("hello world, h\u00e9llo<end>", allowed_special="all")
print(ids, e.decode(ids), e.n_vocab)
print(e.encode_batch(["hello", " world", ""]), e.decode_tokens_bytes(ids[:3]))
print(e.decode_with_offsets(ids))
try:
    e.encode("<end>")
except ValueError as error:
    print(str(error).splitlines()[0])
print(e.encode_ordinary("<end>"), e.encode_single_token("hello"))
print(e.encode_to_numpy("hello world").tolist())
