"""unittest: results, messages of assertions, fixtures, skips, subtests, mocks; doctest; the runner's text."""
import asyncio
import io
import re
import sys
import unittest
from unittest import mock


class Assertions(unittest.TestCase):
    maxDiff = 300

    def test_equal_numbers(self): self.assertEqual(1, 2)
    def test_equal_lists(self): self.assertEqual([1, 2, 3], [1, 5, 3])
    def test_equal_dicts(self): self.assertEqual({"a": 1}, {"a": 2, "b": 3})
    def test_equal_text(self): self.assertEqual("line\nsame\n", "Line\nsame\n", "with a note")
    def test_equal_sets(self): self.assertEqual({1, 2}, {2, 3})
    def test_equal_tuples(self): self.assertEqual((1,), (1, 2))
    def test_true(self): self.assertTrue([])
    def test_in(self): self.assertIn(5, [1, 2])
    def test_none(self): self.assertIsNone(3)
    def test_is(self): self.assertIs(1, True)
    def test_instance(self): self.assertIsInstance("x", (int, list))
    def test_raises_nothing(self): self.assertRaises(ValueError, int, "5")
    def test_raises_other(self):
        with self.assertRaises(ValueError): {}["k"]
    def test_raises_regex(self):
        with self.assertRaisesRegex(ValueError, "^nope"): int("x")
    def test_almost(self): self.assertAlmostEqual(1.0, 1.1, places=3)
    def test_regex(self): self.assertRegex("abc", r"\d")
    def test_greater(self): self.assertGreater(1, 2)
    def test_count(self): self.assertCountEqual([1, 1, 2], [2, 2, 1])
    def test_logs(self):
        with self.assertLogs("nothing"): pass
    def test_warns(self):
        with self.assertWarns(UserWarning): pass
    def test_fail(self): self.fail("on purpose")
    def test_error(self): return {}["missing"]
    def test_passes(self): self.assertEqual(self.id().rpartition(".")[2], "test_passes")


class Fixtures(unittest.TestCase):
    log = []
    @classmethod
    def setUpClass(cls): cls.log.append("class up")
    @classmethod
    def tearDownClass(cls): cls.log.append("class down")
    def setUp(self):
        self.log.append("up")
        self.addCleanup(self.log.append, "cleanup")
    def tearDown(self): self.log.append("down")
    def test_one(self): self.log.append("one")
    @unittest.skip("not today")
    def test_skipped(self): self.log.append("never")
    @unittest.skipIf(sys.version_info > (3,), "because of a condition")
    def test_skip_if(self): pass
    @unittest.expectedFailure
    def test_expected(self): self.fail()
    @unittest.expectedFailure
    def test_unexpected(self): pass
    def test_subtests(self):
        for i in range(4):
            with self.subTest(i=i, kind="x"):
                self.assertEqual(i % 2, 0)
    def test_skip_inside(self): self.skipTest("inside")
    def test_docstring(self):
        """Says what it does."""
        raise RuntimeError("broken")


class Async(unittest.IsolatedAsyncioTestCase):
    async def test_await(self):
        self.assertEqual(await asyncio.sleep(0, "value"), "value")


class Mocks(unittest.TestCase):
    def test_mock(self):
        m = mock.Mock(return_value=3)
        self.assertEqual(m(1, k=2), 3)
        m.assert_called_once_with(1, k=2)
        m.assert_called_once_with(9)
    def test_magic(self):
        m = mock.MagicMock()
        m.__len__.return_value = 5
        m["k"].f.side_effect = [1, KeyError("side")]
        self.assertEqual((len(m), m["x"].f(), m.mock_calls[-1]), (5, 1, mock.call.__getitem__().f()))
        with self.assertRaises(KeyError): m["k"].f()
    def test_patch(self):
        with mock.patch("sys.byteorder", "middle"), mock.patch.dict("os.environ", {"PATCHED": "1"}):
            import os
            self.assertEqual((sys.byteorder, os.environ["PATCHED"]), ("middle", "1"))
        self.assertNotEqual(sys.byteorder, "middle")
    def test_spec(self):
        m = mock.create_autospec(lambda a, *, b: None)
        m(1, b=2)
        self.assertEqual(mock.ANY, object())
        self.assertRaises(TypeError, m, 1)
        self.assertRaises(AttributeError, lambda: mock.Mock(spec=int).nope)
        print(mock.call(1, x=2), repr(mock.sentinel.thing), mock.Mock(name="named").attr._extract_mock_name())


def run(*classes, verbosity=1, **options):
    stream = io.StringIO()
    suite = unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(c) for c in classes)
    result = unittest.TextTestRunner(stream=stream, verbosity=verbosity, **options).run(suite)
    print(re.sub(r"in \d+\.\d+s", "in TIME", stream.getvalue()))
    print(result, suite.countTestCases(), result.wasSuccessful())
run(Assertions)
run(Fixtures, verbosity=2)
print(Fixtures.log)
run(Async, Mocks, verbosity=2)
run(Assertions, failfast=True)
class BadClass(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise OSError("no class")
    def test_x(self): pass
run(BadClass)
def doc_example(x):
    """
    >>> doc_example(2)
    4
    >>> doc_example("a")
    Traceback (most recent call last):
    TypeError: can't multiply sequence by non-int of type 'str'
    >>> doc_example(3)
    10
    """
    return x * x
import doctest
print(doctest.testmod(verbose=False))
unittest.main(argv=["prog", "Async"], exit=False, testRunner=unittest.TextTestRunner(stream=io.StringIO()))
