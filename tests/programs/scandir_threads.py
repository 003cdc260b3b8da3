"""One os.scandir() iterator shared by threads that read it and threads that close it."""
import os
import tempfile
import threading

with tempfile.TemporaryDirectory() as folder:
    names = [f"file{i:03}" for i in range(200)]
    for name in names:
        open(os.path.join(folder, name), "w").close()

    def together(functions):
        threads = [threading.Thread(target=f) for f in functions]
        for t in threads:
            t.start()
        for t in threads:
            t.join()

    for _ in range(30):
        it, found = os.scandir(folder), []
        together([lambda: found.extend([e.name for e in it])] * 6)
        assert sorted(found) == names, len(found)
        it, found = os.scandir(folder), []
        together([lambda: found.extend([e.name for e in it])] * 4 + [it.close] * 2)
        assert len(found) == len(set(found)) and set(found) <= set(names)
    print("each entry once", len(names))
    it = os.scandir(folder)
    it.close()
    it.close()
    print(list(it))
