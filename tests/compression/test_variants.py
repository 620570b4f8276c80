"""From what a plan says of a variant to its network."""

import numpy as np
import pytest
from test_fine_tuning import pytestmark as on_tensorflow
from test_fine_tuning import taught

from kerasinst.compression.variants import VariantBuilder
from kerasinst.experiment.compression import VariantSection

pytestmark = on_tensorflow


@pytest.mark.slow
def test_a_variant_may_train_in_its_own_way_and_nothing_is_trained_twice(content, tmp_path):
    fine_tuner, network = taught(content, augment=[])  # its plan has two epochs
    rows, plan = [], fine_tuner.plan
    fine_tuner.on_epoch = rows.append
    builder = VariantBuilder(
        fine_tuner.experiment,
        None,
        features=fine_tuner.features,
        network=network,
        fine_tuner=fine_tuner,
        source=tmp_path,
        state=tmp_path,
    )
    once, twice = ({"prune": {"schedule": "constant"}} | own for own in ({"epochs": 1}, {}))
    for asked, epochs in ((once, [1]), (twice, [1, 1, 2]), ({**once, "quantize": "int8"}, [1, 1, 2])):
        small = builder.make(VariantSection(**asked))
        assert [row["epoch"] for row in rows] == epochs and fine_tuner.plan is plan
        assert small.sparsity > 0.45
    slow = builder.make(VariantSection(**once, learning_rate=1e-9)).network  # hardly moves what is left
    for before, after in zip(network.trainable_weights, slow.trainable_weights, strict=True):
        before, after = before.numpy(), after.numpy()
        assert abs(after - before)[after != 0].max(initial=0) < 1e-6


@pytest.mark.slow
def test_zeros_and_shared_values_stay_where_integers_do_not_reach(content, tmp_path):
    """Pooling of deviations ends the simulation; the scores that follow it are trained in floats."""
    content["network"] = {"name": "strided", "filters": [8, 8, 8], "units": 32}
    fine_tuner, network = taught(content, augment=[])
    builder = VariantBuilder(
        fine_tuner.experiment,
        None,
        features=fine_tuner.features,
        network=network,
        fine_tuner=fine_tuner,
        source=tmp_path,
        state=tmp_path,
    )
    dense = builder.make(VariantSection(prune=0.5, cluster=3)).network.get_layer("scores")
    asked = VariantSection(prune=0.5, cluster=3, qat=True, quantize="int8")
    scores = builder.make(asked).network.get_layer("scores").kernel.numpy()
    np.testing.assert_array_equal(scores, np.asarray(dense.kernel))
    assert len(np.unique(scores)) <= 4 and (scores == 0).any()
