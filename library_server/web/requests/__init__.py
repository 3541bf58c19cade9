"""What every request is checked against before a page sees it: addresses, hosts, conditions."""
