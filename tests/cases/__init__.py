"""What broke in other gateways, by the ids of the acceptance cases."""
