"""What is chosen or learned while gateways run, and has to survive them: kept apart from settings.

Everything that several processes must agree on goes through the interfaces here.
"""
