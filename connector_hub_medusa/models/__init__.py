from . import connector_hub_backend
from . import connector_hub_adapter
from . import sale_order
from . import res_partner
from . import connector_hub_adapter_admin
