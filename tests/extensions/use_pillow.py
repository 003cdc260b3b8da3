from PIL import Image, ImageDraw, ImageFilter, ImageChops
import io

im = Image.new("RGB", (64, 48), (10, 20, 30))
d = ImageDraw.Draw(im)
d.rectangle([5, 5, 30, 30], fill=(255, 0, 0))
d.ellipse([20, 10, 50, 40], outline=(0, 255, 0))
for fmt in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"):
    b = io.BytesIO()
    im.save(b, fmt)
    j = Image.open(io.BytesIO(b.getvalue()))
    j.load()
    print(fmt, j.size, j.mode, len(b.getvalue()))
print(
    im.resize((8, 8)).getpixel((3, 3)),
    im.filter(ImageFilter.GaussianBlur(2)).getpixel((10, 10)),
    im.convert("L").histogram()[:20],
)
print(im.rotate(45).getbbox(), ImageChops.invert(im).getpixel((0, 0)), im.crop((1, 2, 3, 4)).tobytes())
