from sqlalchemy import create_engine, select, String, ForeignKey, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, Session
from sqlalchemy.engine import row
from sqlalchemy.util import _collections_cy

print(_collections_cy.__file__[-3:])


class Base(DeclarativeBase):
    pass


class U(Base):
    __tablename__ = "u"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(30))
    ps: Mapped[list["A"]] = relationship(back_populates="u")


class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[int] = mapped_column(ForeignKey("u.id"))
    u: Mapped[U] = relationship(back_populates="ps")
    t: Mapped[str]


e = create_engine("sqlite://")
Base.metadata.create_all(e)
with Session(e) as s:
    s.add_all([U(name="x", ps=[A(t="1"), A(t="2")]), U(name="y")])
    s.commit()
    print(s.execute(select(U.name, func.count(A.id)).join(A, isouter=True).group_by(U.name).order_by(U.name)).all())
    for r in s.scalars(select(U)):
        print(r.name, [a.t for a in r.ps])
print(select(U).where(U.name == "q"))
