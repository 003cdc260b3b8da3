from pydantic_core import SchemaValidator, SchemaSerializer, ValidationError, core_schema as cs, to_json, from_json

v = SchemaValidator(
    cs.typed_dict_schema(
        {"a": cs.typed_dict_field(cs.int_schema(gt=0)), "b": cs.typed_dict_field(cs.list_schema(cs.str_schema()))}
    )
)
print(v.validate_python({"a": "5", "b": ["x"]}))
try:
    v.validate_python({"a": -1, "b": [1, 2]})
except ValidationError as e:
    print(e)
    print(e.errors()[0]["loc"], e.error_count())
print(v.validate_json('{"a":1,"b":["q"]}'))
print(to_json({"a": [1, 2.5, None, True]}), from_json(b'{"x": [1, 2, {"y": null}]}'))


class M:
    pass


mv = SchemaValidator(
    cs.model_schema(
        M, cs.model_fields_schema({"x": cs.model_field(cs.float_schema()), "d": cs.model_field(cs.datetime_schema())})
    )
)


class M2:
    __slots__ = "__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__"


mv = SchemaValidator(
    cs.model_schema(
        M2, cs.model_fields_schema({"x": cs.model_field(cs.float_schema()), "d": cs.model_field(cs.datetime_schema())})
    )
)
m = mv.validate_python({"x": "1.5", "d": "2024-02-03T04:05:06Z"})
print(m.x, m.d, sorted(m.__pydantic_fields_set__))
print(SchemaSerializer(cs.any_schema()).to_python({"a": {1, 2}}, mode="json"))


def fn(v, info):
    return v * 2


print(SchemaValidator(cs.with_info_plain_validator_function(fn)).validate_python(21))
