"""Disability and veterans' benefits (残疾, 优抚): signed REST through a data-exchange gateway."""

from connectors.benefits.connector import BenefitsConnector
from connectors.benefits.records import Beneficiary

__all__ = ["Beneficiary", "BenefitsConnector"]
