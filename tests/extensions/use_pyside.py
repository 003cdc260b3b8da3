"""Qt: signals, slots, properties, events, threads."""

from outcomes import show


def pyside():
    import os

    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6 import QtCore

    class O(QtCore.QObject):
        sig = QtCore.Signal(int, str)

        def __init__(s):
            super().__init__()
            s.sig.connect(s.on)

        @QtCore.Slot(int, str)
        def on(s, i, t):
            print("slot", i, t)

        def ev(s):
            return 1

        def getp(s):
            return 7

        p = QtCore.Property(int, getp)

    a = QtCore.QCoreApplication([])
    o = O()
    o.sig.emit(5, "x")
    print(
        o.property("p"),
        QtCore.QPoint(1, 2) + QtCore.QPoint(3, 4),
        QtCore.QDate(2020, 1, 2).addDays(40).toString("yyyy-MM-dd"),
        QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignTop,
        QtCore.QRect(0, 0, 5, 5).contains(QtCore.QPoint(1, 1)),
        QtCore.QByteArray(b"abc").toHex(),
        QtCore.QSize(1, 2) == QtCore.QSize(1, 2),
        QtCore.QLocale.c().toString(1.5),
        repr(QtCore.QPointF(1.5, 2)),
        QtCore.QRegularExpression("a+").match("xaa").captured(0),
    )

    class E(QtCore.QObject):

        def event(s, e):
            print("event", e.type())
            return True

        def timerEvent(s, e):
            print("t")

    e = E()
    QtCore.QCoreApplication.postEvent(e, QtCore.QEvent(QtCore.QEvent.Type.User))
    QtCore.QTimer.singleShot(20, a.quit)
    QtCore.QTimer.singleShot(0, lambda: print("timer"))
    print(a.exec())
    show(
        lambda: QtCore.QPoint("x"), lambda: QtCore.QDate().nope, lambda: o.sig.emit(1), lambda: QtCore.QTimer.singleShot("x", 1)
    )

    class W(QtCore.QRunnable):

        def run(s):
            print("ran")

    QtCore.QThreadPool.globalInstance().start(W())
    QtCore.QThreadPool.globalInstance().waitForDone()
    print(
        QtCore.QJsonDocument.fromJson(b'{"a":[1]}').toVariant(),
        QtCore.QObject.staticMetaObject.className(),
        o.metaObject().className(),
        o.parent(),
        o.objectName(),
        len(o.children()),
    )
    c = QtCore.QObject(o)
    print(c.parent() is o, o.children()[0] is c)
    o.destroyed.connect(lambda: print("gone"))
    del c
    o.deleteLater()
    a.processEvents()


for section in (pyside,):
    print("---", section.__name__, flush=True)
    section()
