from . import connector_hub_activation
