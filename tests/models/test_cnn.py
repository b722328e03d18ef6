import pytest

from qfl.errors import ConfigError
from qfl.models.cnn import make_cnn


@pytest.mark.parametrize("features", [9, 1, 15, 60, 785])
def test_features_that_are_no_image_of_four_by_four_or_more_are_refused(features):
    with pytest.raises(ConfigError, match=f"not {features} features"):
        make_cnn(features, 10, hidden=4)
