from . import connector_hub_activation
from . import connector_hub_import
