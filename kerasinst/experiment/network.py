"""`network`: from features to scores."""

from pydantic import model_validator

from kerasinst.core.registry import NETWORKS
from kerasinst.experiment.section import OpenSection


class NetworkSection(OpenSection):
    """Says which network turns features into scores.

    - `name`: name of the network.
    """

    name: str

    @model_validator(mode="after")
    def _known(self) -> "NetworkSection":
        NETWORKS.check(self.name, self.options)
        return self
