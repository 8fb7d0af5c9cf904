from .activation import ActivationCheck as ActivationCheck, check_gradient as check_gradient
from .network import NetworkCheck as NetworkCheck, check_network_gradient as check_network_gradient
