"""Decimal text beyond the range of floats is inf or 0, however it is written."""
big, small = "1" * 400, "0." + "0" * 400 + "1"
texts = [
    big, "-" + big, big + ".5", big + "e-50", big + "e-400", big + "e-1000", "1e309", "1e-400", "-1e-400", "1E+309", "1e99999999999999999999",
    "1e-99999999999999999999", "0e99999999999999999999", "0.0e-99999999999999999999", small, small + "e800", small + "e400", small + "e90",
    ".1e310", ".0001e312", ".0001e313", "000001e309", "0000.0001e-320", "2.4703282292062327e-324", "2.4703282292062328e-324", "4.9e-324",
    "1.7976931348623158e308", "1.7976931348623159e308", "179769313486231580793e289", "0x1", "1_0e400", "1_0e-400", " 1e400 ", "1e",
]
for text in texts:
    try:
        print(text if len(text) < 40 else f"{text[:5]}...{text[-8:]}", float(text))
    except ValueError as e:
        print(str(e)[:80])
for value in (1e400, -1e400, 1e-400, 1e-999999999999999999999):
    print(value)
print(float("9" * 5000), float("0." + "9" * 5000), float("." + "0" * 5000 + "1"), float("." + "0" * 5000 + "1e5001"), complex("1e400-1e-400j"))
