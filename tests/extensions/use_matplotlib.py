import io

import contourpy
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import _path, ft2font
from matplotlib.path import Path

x = np.linspace(0, 6, 50)
figure, (left, right) = plt.subplots(1, 2, figsize=(4, 2), dpi=50)
left.plot(x, np.sin(x), label="sin")
left.set_title(r"$\alpha^2$ text")
left.legend()
right.imshow(np.outer(np.sin(x), np.cos(x)))
right.contour(np.outer(np.sin(x), np.cos(x)), levels=[-0.5, 0, 0.5])
out = io.BytesIO()
figure.savefig(out, format="png")
image = plt.imread(io.BytesIO(out.getvalue()))
print(image.shape, image.dtype, round(float(image.mean()), 4))
figure.canvas.draw()
print(np.asarray(figure.canvas.buffer_rgba()).sum())
for kind in ("svg", "pdf"):
    out = io.BytesIO()
    figure.savefig(out, format=kind, metadata={"Date": None} if kind == "svg" else {"CreationDate": None})
    print(kind, len(out.getvalue()) > 1000)
print(Path([(0, 0), (1, 0), (1, 1), (0, 0)]).contains_points([(0.9, 0.5), (0.1, 0.5)]))
generator = contourpy.contour_generator(z=np.outer(x, x))
print(len(generator.lines(5.0)), generator.lines(5.0)[0].shape, [a.shape for a in generator.filled(1, 2)[0]])
print(ft2font.FT2Font(matplotlib.get_data_path() + "/fonts/ttf/DejaVuSans.ttf").family_name)
