"""Where kernels take their arrays from."""

import numpy as np

from cnn.buffers import ALIGNMENT, BLOCK, Buffers


def test_arrays_have_their_shape_and_type_start_at_a_line_of_the_cache_and_do_not_overlap() -> None:
    buffers = Buffers(np.float64)
    arrays = [buffers.full((3, 5), 1), buffers.empty((7,), np.bool_), buffers.full((2, BLOCK // 16), 3)]
    arrays[1][...] = True
    assert [array.shape for array in arrays] == [(3, 5), (7,), (2, BLOCK // 16)]
    assert [array.dtype for array in arrays] == [np.float64, np.bool_, np.float64]
    assert all(array.ctypes.data % ALIGNMENT == 0 for array in arrays)
    assert (arrays[0] == 1).all() and arrays[1].all() and (arrays[2] == 3).all()
    assert not any(np.shares_memory(first, second) for first in arrays for second in arrays if first is not second)
