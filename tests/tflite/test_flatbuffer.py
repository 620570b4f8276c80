"""TFLite files as data: joining, describing, counting and planning, against what LiteRT computes."""

import flatbuffers
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasinst.tflite import flatbuffer
from kerasinst.tflite.costs import nonzero_weights
from kerasinst.tflite.description import description_of, with_description
from kerasinst.tflite.joining import join
from kerasinst.tflite.memory import peak_arena
from kerasinst.tflite.operators import operators


def converted(function, shape):
    """A function of one tensor as TFLite."""
    concrete = tf.function(function, input_signature=[tf.TensorSpec(shape, tf.float32)]).get_concrete_function()
    return tf.lite.TFLiteConverter.from_concrete_functions([concrete], tf.Module()).convert()


def run(content, given):
    interpreter = Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], given)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


WEIGHTS = np.random.default_rng(0).standard_normal((6, 4)).astype("float32")
GIVEN = np.random.default_rng(1).standard_normal((1, 6)).astype("float32")


@pytest.fixture(scope="module")
def halves():
    """A matrix product, and a loop over what it gives, whose parts are graphs of their own."""

    def looped(x):
        return tf.while_loop(lambda i, _: i < 3, lambda i, x: (i + 1, tf.tanh(x) + 0.5), (0, x))[1]

    return converted(lambda x: tf.matmul(x, WEIGHTS), (1, 6)), converted(looped, (1, 4))


def test_joined_models_compute_one_after_the_other(halves):
    joined = join(*halves)
    expected = GIVEN @ WEIGHTS
    for _ in range(3):
        expected = np.tanh(expected) + 0.5
    np.testing.assert_allclose(run(joined, GIVEN), expected, atol=1e-6)
    (signature,) = flatbuffer.unpack(joined).signatureDefs
    assert (signature.inputs[0].name, signature.outputs[0].name) == (b"waveform", b"scores")
    assert len(joined) < len(halves[0]) + len(halves[1])
    assert {"FULLY_CONNECTED", "WHILE", "TANH"} <= set(operators(joined))


def test_what_does_not_fit_is_not_joined(halves):
    product, loop = halves
    with pytest.raises(ValueError, match=r"\[1, 4\] cannot be joined to \[1, 6\]"):
        join(product, product)
    assert join(loop, loop)


@pytest.mark.parametrize("content", [b"", b"TFL3", b"\0" * 100, b"PK\x03\x04" + b"\0" * 50])
def test_other_files_are_refused(content):
    with pytest.raises(ValueError, match="not a TFLite file"):
        flatbuffer.unpack(content)


def test_facts_are_kept_inside(halves):
    joined = join(*halves)
    assert description_of(joined) is None
    told = with_description(with_description(joined, {"labels": ["old"]}), {"labels": ["cello", "Flöte"]})
    assert description_of(told) == {"labels": ["cello", "Flöte"]}
    np.testing.assert_array_equal(run(told, GIVEN), run(joined, GIVEN))


def test_constants_begin_where_microcontrollers_can_read_them(halves):
    content = with_description(join(*halves), {"labels": ["a"] * 7})
    model = schema.Model.GetRootAs(content)
    lengths = [model.Buffers(index).DataLength() for index in range(model.BuffersLength())]
    vectors = [model.Buffers(index)._tab for index, length in enumerate(lengths) if length]
    assert vectors and all(each.Vector(each.Offset(4)) % 16 == 0 for each in vectors)
    assert flatbuffers.util.BufferHasIdentifier(content, 0, b"TFL3")


def test_zeros_do_not_count_as_weights():
    sparse = np.where(np.abs(WEIGHTS) > 0.7, WEIGHTS, 0)
    content = converted(lambda x: tf.matmul(x, sparse) + 1.0, (1, 6))
    assert nonzero_weights(content) == np.count_nonzero(sparse) < WEIGHTS.size


def graph(sizes, wires):
    """A model whose operator number k reads tensor `wires[k]` and writes tensor k + 1 of so many floats."""
    tensors = [schema.TensorT(shape=[size], type=schema.TensorType.FLOAT32, buffer=0) for size in sizes]
    operators = [schema.OperatorT(opcodeIndex=0, inputs=[wire], outputs=[k + 1]) for k, wire in enumerate(wires)]
    main = schema.SubGraphT(tensors=tensors, operators=operators, inputs=[0], outputs=[len(sizes) - 1])
    code = schema.OperatorCodeT(builtinCode=schema.BuiltinOperator.ABS)
    model = schema.ModelT(version=3, subgraphs=[main], buffers=[schema.BufferT()], operatorCodes=[code])
    return flatbuffer.pack(model)


def test_a_chain_needs_its_two_largest_neighbours_and_both_ends():
    # 0 (input, kept) -> 1 -> 2 -> 3 (output): while 1 becomes 2, the input's 64 bytes stay
    assert peak_arena(graph([16, 256, 512, 16], [0, 1, 2])) == 4 * (256 + 512 + 16)


@given(data=st.data(), count=st.integers(2, 12))
@settings(max_examples=60)
def test_the_arena_is_no_smaller_than_what_lives_at_once_and_no_larger_than_everything(data, count):
    sizes = [16 * data.draw(st.integers(1, 50)) for _ in range(count)]
    wires = [data.draw(st.integers(0, k)) for k in range(count - 1)]
    ends = [max([k for k, wire in enumerate(wires) if wire == tensor], default=tensor - 1) for tensor in range(count)]
    ends[0] = ends[-1] = count - 2
    alive = [
        sum(4 * size for tensor, size in enumerate(sizes) if max(0, tensor - 1) <= step <= ends[tensor])
        for step in range(count - 1)
    ]
    assert max(alive) <= peak_arena(graph(sizes, wires)) <= 4 * sum(sizes)
