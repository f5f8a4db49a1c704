"""Every pair of the installed dialects, client by upstream."""
