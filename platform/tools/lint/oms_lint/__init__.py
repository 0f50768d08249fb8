"""Holds CloudFormation templates to what the order management system relies on."""
