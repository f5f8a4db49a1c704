"""The official SDKs through the gateway: client dialect x upstream dialect x scenario."""
