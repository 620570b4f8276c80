"""Finds what keeps a TFLite file from working on phones, in MediaPipe and on microcontrollers, and says what to do."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ai_edge_litert import schema_py_generated as schema

from kerasinst.core.errors import BadInput
from kerasinst.tflite import checksum, flatbuffer, metadata, operators
from kerasinst.tflite.description import description_of
from kerasinst.tflite.memory import peak_arena
from kerasinst.tflite.probing import probe

EVERYWHERE, MEDIAPIPE, ANDROID, MICROCONTROLLERS = "everywhere", "MediaPipe", "Android", "microcontrollers"
ARENA = 262_144
"""Bytes of working memory that few microcontrollers have."""
MICRO_OPERATORS = """
ABS ADD ADD_N ARG_MAX ARG_MIN ASSIGN_VARIABLE AVERAGE_POOL_2D BATCH_MATMUL BATCH_TO_SPACE_ND BROADCAST_ARGS
BROADCAST_TO CALL_ONCE CAST CEIL CONCATENATION CONV_2D COS CUMSUM DEPTH_TO_SPACE DEPTHWISE_CONV_2D DEQUANTIZE
DIV ELU EMBEDDING_LOOKUP EQUAL EXP EXPAND_DIMS FILL FLOOR FLOOR_DIV FLOOR_MOD FULLY_CONNECTED GATHER GATHER_ND
GREATER GREATER_EQUAL HARD_SWISH IF L2_NORMALIZATION L2_POOL_2D LEAKY_RELU LESS LESS_EQUAL LOG LOGICAL_AND
LOGICAL_NOT LOGICAL_OR LOGISTIC LOG_SOFTMAX MAXIMUM MAX_POOL_2D MEAN MINIMUM MIRROR_PAD MUL NEG NOT_EQUAL PACK
PAD PADV2 PRELU QUANTIZE READ_VARIABLE REDUCE_ALL REDUCE_MAX RELU RELU6 RESHAPE RESIZE_BILINEAR
RESIZE_NEAREST_NEIGHBOR REVERSE_V2 ROUND RSQRT SELECT_V2 SHAPE SIN SLICE SOFTMAX SPACE_TO_BATCH_ND
SPACE_TO_DEPTH SPLIT SPLIT_V SQRT SQUARE SQUARED_DIFFERENCE SQUEEZE STRIDED_SLICE SUB SUM SVDF TANH TRANSPOSE
TRANSPOSE_CONV UNIDIRECTIONAL_SEQUENCE_LSTM UNPACK VAR_HANDLE WHILE ZEROS_LIKE
"""
"""Built-in operators of TFLite Micro, as its class MicroMutableOpResolver lists them."""
TYPES = {number: name.lower() for name, number in vars(schema.TensorType).items() if isinstance(number, int)}
"""Names of types of tensors."""
INTEGERS = {schema.TensorType.INT8: "int8", schema.TensorType.UINT8: "uint8", schema.TensorType.INT16: "int16"}
"""Types of inputs and outputs that stand for floats, by their scale and zero point."""


@dataclass(frozen=True)
class Finding:
    """Something that keeps a file from working, or that is good to know.

    Attributes:
        place: where it matters: everywhere, MediaPipe, Android or microcontrollers.
        problem: what is wrong.
        cure: what to do about it.
        fault: whether it can be mended in the file; otherwise it belongs to the network, or to the place.
    """

    place: str
    problem: str
    cure: str
    fault: bool = True


PAGES = Finding(
    ANDROID,
    "phones with pages of 16 KB load only libraries that are built for them",
    "use com.google.ai.edge.litert:litert 1.4.0 or later in place of org.tensorflow:tensorflow-lite",
    fault=False,
)
"""What to know of phones for any file."""


def check(path: str | Path) -> list[Finding]:
    """Looks at a TFLite file for audio, of any origin.

    Args:
        path: path of the file.

    Returns:
        What was found, faults first.

    Raises:
        BadInput: if there is no such file.

    Example:
        >>> [finding.problem for finding in check("yamnet.tflite") if finding.fault]
        ['there is no metadata']
    """
    path = Path(path)
    if not path.is_file():
        raise BadInput(f"{path}: {'is a folder' if path.is_dir() else 'no such file'}; give a .tflite file")
    content = path.read_bytes()
    try:
        checksum.verify(content)
        model = flatbuffer.unpack(content)
        found = list(_look(content, model))
    except checksum.Damaged as error:
        return [Finding(EVERYWHERE, f"it is damaged: {error}", "copy it again, or export it again")]
    except (ValueError, TypeError, AttributeError, IndexError, KeyError, struct.error) as error:
        wrong = str(error).splitlines() or [type(error).__name__]
        return [Finding(EVERYWHERE, f"it cannot be read: {wrong[0][:200]}", "copy it again, or convert it again")]
    graph = model.subgraphs[0]
    if not any(_is_open(graph.tensors[index]) for index in graph.inputs):  # of open sizes, LiteRT would take 1
        found += _run(path)
    return sorted([*found, PAGES], key=lambda finding: not finding.fault)


def _look(content: bytes, model: schema.ModelT) -> Iterator[Finding]:
    """Looks at all that can be seen without running it."""
    graph = model.subgraphs[0]
    given, gives = ([graph.tensors[index] for index in indexes] for indexes in (graph.inputs, graph.outputs))
    yield from _tensors(given, gives)
    yield from _operators(content, model)
    yield from _about(content, model, given, gives)
    yield from _constants(content, model)
    arena = peak_arena(content)
    if arena > ARENA:
        problem = f"its tensors take {arena:,} bytes at once"
        cure = "compute the front end in C, and give the network alone to the interpreter"
        yield Finding(MICROCONTROLLERS, problem, cure, fault=False)


def _tensors(given: list[schema.TensorT], gives: list[schema.TensorT]) -> Iterator[Finding]:
    """Looks at the shapes and types of inputs and outputs."""
    if len(given) != 1 or len(gives) != 1:
        counts = f"{len(given)} inputs and {len(gives)} outputs"
        yield Finding(MEDIAPIPE, f"it has {counts}", "convert a model with one waveform and one vector of scores")
    for each, name in [*((tensor, "input") for tensor in given), *((tensor, "output") for tensor in gives)]:
        if _is_open(each):
            shape = ", ".join("any" if size < 0 else str(size) for size in each.shapeSignature)
            cure = "convert it with fixed sizes and one example at a time, such as tf.TensorSpec((1, 44100))"
            yield Finding(EVERYWHERE, f"sizes of its {name} are open ({shape}), which GPUs and NPUs refuse", cure)
        scaled = each.quantization is not None and each.quantization.scale is not None and len(each.quantization.scale)
        if each.type in INTEGERS and not scaled:
            kind = INTEGERS[each.type]
            problem = f"its {name} is {kind} without scale and zero point, so that nobody knows what the numbers mean"
            yield Finding(EVERYWHERE, problem, "convert it with a representative data set, or with float inputs")
    for each in given:
        sizes = tuple(int(size) for size in each.shape) if each.shape is not None else ()
        if each.type != schema.TensorType.FLOAT32 or len(sizes) not in (1, 2):
            problem = f"its input is {TYPES.get(each.type, 'of another type')} of shape {sizes}"
            yield Finding(MEDIAPIPE, problem, "convert it to take float32 of shape (1, samples)")


def _is_open(tensor: schema.TensorT) -> bool:
    """Tells whether a tensor has sizes that are known only when the model runs."""
    return tensor.shapeSignature is not None and any(int(size) < 0 for size in tensor.shapeSignature)


def _operators(content: bytes, model: schema.ModelT) -> Iterator[Finding]:
    """Looks at operators, and at graphs beside the main one."""
    names = operators.operators(content)
    custom = [code.customCode.decode() for code in model.operatorCodes if code.customCode]
    flex = [name for name in custom if name.startswith("Flex")]
    if others := [name for name in custom if name not in flex]:
        cure = "convert it with built-in operators alone, or register these in each client"
        yield Finding(EVERYWHERE, f"it needs custom operators: {', '.join(others)}", cure)
    if flex:
        cure = (
            "convert it without SELECT_TF_OPS: these need a library of TensorFlow, which MediaPipe and browsers lack, "
            "and whose builds for Android are not made for pages of 16 KB"
        )
        yield Finding(EVERYWHERE, f"it needs operators of TensorFlow: {', '.join(flex)}", cure)
    if lacking := [name for name in names if name not in MICRO_OPERATORS.split() and name not in custom]:
        cure = "compute Fourier transforms and loops outside the graph there"
        yield Finding(MICROCONTROLLERS, f"TFLite Micro has no {', '.join(lacking)}", cure, fault=False)
    if len(model.subgraphs) != 1:
        problem = f"it has {len(model.subgraphs)} graphs, as loops of recurrent layers do"
        yield Finding(MEDIAPIPE, problem, "use LiteRT, or a network without recurrent layers", fault=False)
    if any(tensor.type == schema.TensorType.INT4 for graph in model.subgraphs for tensor in graph.tensors):
        yield Finding(
            ANDROID, "its weights have four bits", "use LiteRT 1.4 or later, not TensorFlow Lite", fault=False
        )


def _about(
    content: bytes, model: schema.ModelT, given: list[schema.TensorT], gives: list[schema.TensorT]
) -> Iterator[Finding]:
    """Looks at metadata and labels."""
    size = int(gives[0].shape[-1]) if gives and gives[0].shape is not None and len(gives[0].shape) else None
    ours = description_of(content)
    told = metadata.audio_input(model)
    labels = _labels(content)
    if told is None:
        cure = "export it again with kerasinst, or add metadata with sample rate, channels and labels"
        yield Finding(MEDIAPIPE, "there is no metadata", cure)
    else:
        if told.sample_rate is None:
            yield Finding(MEDIAPIPE, "its metadata has no sample rate", "write AudioProperties for its input")
        elif not told.sample_rate or not told.channels:
            problem = f"its metadata says {told.sample_rate} Hz and {told.channels} channels, which ends the program"
            yield Finding(MEDIAPIPE, problem, "write the sample rate and the channels that it was trained with")
        if labels is None:
            cure = "append a labels.txt, one label a line, and name it in the metadata of its output"
            yield Finding(MEDIAPIPE, "there is no file of labels in it", cure)
    for where, names in (("file of labels", labels), ("description", ours and ours.get("labels"))):
        if names is not None and size is not None and len(names) != size:
            problem = f"its {where} has {len(names)} labels, but its output has {size} scores"
            yield Finding(EVERYWHERE, problem, "write one label for each score, in their order")


def _constants(content: bytes, model: schema.ModelT) -> Iterator[Finding]:
    """Looks at where constants begin."""
    packed = schema.Model.GetRootAs(content)
    for index in {tensor.buffer for graph in model.subgraphs for tensor in graph.tensors}:
        table = packed.Buffers(index)._tab
        offset = table.Offset(4)
        if offset and table.VectorLen(offset) >= flatbuffer.ALIGNMENT and table.Vector(offset) % flatbuffer.ALIGNMENT:
            problem = f"constants do not begin at multiples of {flatbuffer.ALIGNMENT} bytes"
            cure = "export it with kerasinst, or write it with a FlatBuffers library that aligns them"
            yield Finding(MICROCONTROLLERS, problem, cure, fault=False)
            return


def _run(path: Path) -> Iterator[Finding]:
    """Runs it, in a process of its own."""
    done = probe(path)
    if done.problem:
        yield Finding(EVERYWHERE, done.problem, "convert it again; what LiteRT says names the operator or the tensor")
        return
    if not done.on_silence:
        cure = "add a small number before logarithms and divisions"
        yield Finding(EVERYWHERE, "its scores of silence are NaN or infinite", cure)
    if not done.on_noise:
        cure = "limit or normalise its input, and keep the front end in float32"
        yield Finding(EVERYWHERE, "its scores of very loud noise are NaN or infinite", cure)


def _labels(content: bytes) -> list[str] | None:
    """Reads the file of labels, or gives None if there is none; raises ValueError if it cannot be read."""
    file = io.BytesIO(content)
    if not zipfile.is_zipfile(file):
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            texts = [name for name in archive.namelist() if name.endswith(".txt")]
            return archive.read(texts[0]).decode(errors="replace").splitlines() if texts else None
    except (zipfile.BadZipFile, RuntimeError, zlib.error, EOFError, OSError) as error:
        raise ValueError(f"its file of labels: {error}") from None
